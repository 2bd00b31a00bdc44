import { testWarmStart } from './warm-rows.ts';

testWarmStart('trino', 'aot-cache', 'cache.aot');
