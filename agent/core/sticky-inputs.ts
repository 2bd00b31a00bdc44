import type { RenderingInputs } from './release.ts';

/** Memory that differs by less than one part in this many is the same machine seen again. */
const MEMORY_TOLERANCE = 64;

/**
 * The inputs to render with now, so that what is merely late or jitters changes no rendering: a region once
 * rendered stays while nothing names another, and the memory plan stays while memory is within 1/64 of what it
 * was made for and the engine is the same. `previous` are those of the release that is live; null without one.
 */
export function stickInputs(previous: RenderingInputs | null, current: RenderingInputs): RenderingInputs {
  if (previous === null) return current;
  return {
    ...current,
    region: current.region ?? previous.region,
    memoryPlan: isSameMachine(previous, current) ? previous.memoryPlan : current.memoryPlan,
  };
}

function isSameMachine(previous: RenderingInputs, current: RenderingInputs): boolean {
  const before = previous.memoryPlan.totalBytes;
  const engines = [previous.engine, current.engine];
  const [a, b] = engines.map((engine) => [engine.name, engine.version, engine.java].join('\0'));
  return a === b && Math.abs(current.memoryPlan.totalBytes - before) * MEMORY_TOLERANCE <= before;
}
