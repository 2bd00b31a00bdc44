/** Scripts of what happens: drawn, played, shrunk, printed. */
import fc from 'fast-check';
import type { Behaviour } from '../../../fakes/plan-engine.ts';
import type { Planner } from '../../../fakes/plan-world.ts';
import { BEHAVIOURS, type Operation, operation, printOperation } from './operations.ts';
import { BrokenPromise, play } from './play.ts';

export interface Script {
  /** What the engine does with the catalogs B and C at first. */
  readonly behaviours: readonly [Behaviour, Behaviour];
  readonly operations: readonly Operation[];
}

export interface Played {
  /** Steps that were played, those of shrinking included. */
  readonly steps: number;
  /** Null when every promise was kept; else what a person reads: the promise, the script, how to play it again. */
  readonly failure: string | null;
  /** Lines of the shrunk script. */
  readonly lines: number;
}

const LONGEST = 40;
const behaviour = fc.constantFrom<Behaviour>(...BEHAVIOURS);
const script: fc.Arbitrary<Script> = fc.record({
  behaviours: fc.tuple(behaviour, behaviour),
  operations: fc.array(operation, { minLength: 1, maxLength: LONGEST, size: 'max' }),
});

function print({ errorInstance, counterexample, seed, counterexamplePath }: fc.RunDetails<[Script]>): string {
  const [found] = counterexample ?? [];
  const [ofB, ofC] = found?.behaviours ?? [];
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  return [
    error instanceof BrokenPromise ? error.message : (error.stack ?? error.message),
    `the engine: A serves, B ${ofB}, C ${ofC}`,
    ...(found?.operations ?? []).map((one, n) => `${n + 1}. ${printOperation(one)}`),
    `again: FC_SEED=${seed} FC_PATH=${counterexamplePath}`,
  ].join('\n');
}

/** The operations that `print` printed. */
export function readOperations(lines: string): readonly Operation[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [name, ...words] = line
        .trim()
        .replace(/^\d+\. /, '')
        .split(' ');
      const values = words.map((word) => {
        const [key, value = ''] = word.split('=');
        return [key, /^(-?\d+|true|false|null)$/.test(value) ? JSON.parse(value) : value];
      });
      return { do: name, ...Object.fromEntries(values) } as Operation;
    });
}

/** Plays scripts of at least so many steps together, or until a promise is broken. */
export function playScripts(options: {
  readonly steps: number;
  readonly planner?: () => Planner;
  readonly seed?: number;
  readonly path?: string;
  readonly isShrunk?: boolean;
}): Played {
  const { planner, seed, path } = options;
  let steps = 0;
  const once = fc.property(script, (drawn) => {
    steps += drawn.operations.length;
    play({ ...drawn, ...(planner === undefined ? {} : { planner }) });
  });
  for (let next = seed; ; next = next === undefined ? undefined : next + 1) {
    const details = fc.check(once, {
      // Scripts are half as long as they may be, on average.
      numRuns: Math.max(1, Math.ceil((2 * (options.steps - steps)) / LONGEST)),
      endOnFailure: options.isShrunk === false,
      ...(next === undefined ? {} : { seed: next }),
      ...(path === undefined ? {} : { path }),
    });
    const lines = details.counterexample?.[0].operations.length ?? 0;
    if (details.failed) return { steps, failure: print(details), lines };
    if (steps >= options.steps || path !== undefined) return { steps, failure: null, lines };
  }
}
