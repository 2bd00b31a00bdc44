import { testEngine } from './engine-rows.ts';

testEngine('trino');
