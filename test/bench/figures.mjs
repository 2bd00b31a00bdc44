// All figures, in the order in which they are measured and written. One with `begin` counts beside the others.

import { measureChangeToLive } from './figures/change-to-live.mjs';
import { measureCheck } from './figures/check.mjs';
import { beginCost } from './figures/cost.mjs';
import { measureEngineRestart } from './figures/engine-restart.mjs';
import { measureGate } from './figures/gate.mjs';
import { measureGrowth } from './figures/growth.mjs';
import { measureIdle } from './figures/idle.mjs';
import { measureImage } from './figures/image.mjs';
import { measureInstance } from './figures/instance.mjs';
import { measureOperatorSync } from './figures/operator-sync.mjs';
import { measurePublishLatency } from './figures/publish-latency.mjs';
import { measureResidentMemory } from './figures/resident-memory.mjs';
import { measureSoak } from './figures/soak.mjs';
import { measureStartUp } from './figures/start-up.mjs';
import { measureTunnelReturn } from './figures/tunnel-return.mjs';

/** @type {Record<string, {measure?: Function, begin?: Function}>} */
export const FIGURES = {
  check: { measure: measureCheck },
  cost: { begin: beginCost },
  'change-to-live': { measure: measureChangeToLive },
  growth: { measure: measureGrowth },
  idle: { measure: measureIdle },
  'resident-memory': { measure: measureResidentMemory },
  soak: { measure: measureSoak },
  'start-up': { measure: measureStartUp },
  'publish-latency': { measure: measurePublishLatency },
  gate: { measure: measureGate },
  'operator-sync': { measure: measureOperatorSync },
  'tunnel-return': { measure: measureTunnelReturn },
  instance: { measure: measureInstance },
  'presto-restart': { measure: () => measureEngineRestart('presto') },
  'trino-restart': { measure: () => measureEngineRestart('trino') },
  image: { measure: measureImage },
};

export const ORDER = Object.keys(FIGURES);
