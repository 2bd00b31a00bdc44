/** Looks at the memory beside the cycle, and says when it gets short. */
import { judgePressure, type MemoryReading, type Pressure } from '../core/pressure.ts';
import type { Trouble } from '../core/trouble.ts';
import type { MemoryPressure } from '../ports/memory.ts';
import type { Clock, Log } from '../ports.ts';

const EVERY_MS = 5_000;

export interface PressureWatch {
  /** The newest reading; null before the first. */
  latest(): MemoryReading | null;
  trouble(): Trouble | null;
  /** Resolves when the signal aborts. Call once. */
  run(signal: AbortSignal): Promise<void>;
}

/** `onChange` is called when something else is to be said. */
export function createPressureWatch(parts: {
  readonly memory: MemoryPressure;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
}): PressureWatch {
  const { memory, clock, log } = parts;
  let latest: MemoryReading | null = null;
  let said: Pressure | null = null;

  const look = async () => {
    latest = await memory.read();
    const next = judgePressure(said, latest);
    // The numbers change at each look. What is said stays as it began; metrics have the rest.
    if (next?.reason === said?.reason) return;
    said = next;
    if (next === null) log.info({ event: 'memory.calm' }, 'memory is not short any more');
    else log.warn({ event: 'memory.short', reason: next.reason }, next.message);
    parts.onChange();
  };

  return {
    latest: () => latest,
    trouble: () => (said === null ? null : { type: 'MemoryPressure', ...said }),
    run: async (signal) => {
      while (!signal.aborted) {
        await look();
        await clock.sleep(EVERY_MS, signal);
      }
    },
  };
}
