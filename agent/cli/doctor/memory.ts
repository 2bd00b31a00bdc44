import { createMemoryPressure } from '../../adapters/memory-pressure.ts';
import { describeMemory } from '../../core/memory-message.ts';
import { judgePressure } from '../../core/pressure.ts';
import { planMemory } from '../../core/sizing.ts';
import { readLocalSizing } from '../local-sizing.ts';
import { type Check, fine, warning } from './finding.ts';

/** Whether the machine has memory enough, and whether it is short right now. */
export const checkMemory: Check = async ({ settings }) => {
  const { totalBytes, cpus, engine } = await readLocalSizing(settings);
  const plan = planMemory({ totalBytes, cpus, engine });
  const message = describeMemory({ plan, cpus, engine, instanceType: null });
  if (plan.verdict === 'too-small') {
    return [warning('memory', message, 'launch a larger type: gatewayctl size --types')];
  }
  const { supervisor, unit } = settings.analytics;
  const reading = await createMemoryPressure({ unit: supervisor === 'child' ? null : unit }).read();
  const pressure = judgePressure(null, reading);
  return [
    pressure === null ? fine('memory', message) : warning('memory', pressure.message, 'gatewayctl size'),
  ];
};
