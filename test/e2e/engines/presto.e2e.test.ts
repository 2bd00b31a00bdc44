import { testEngine } from './engine-rows.ts';

testEngine('presto');
