import { testWarmStart } from './warm-rows.ts';

testWarmStart('presto', 'class-data-archive', 'class-data.jsa');
