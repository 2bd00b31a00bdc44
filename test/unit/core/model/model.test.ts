/**
 * The planner against a model of the promises. A script that breaks one is shrunk and printed; `FC_SEED` and
 * `FC_PATH` of its message play it again. In CI the scripts are the same each time, so that a change is judged by
 * what it changed; `make torture` draws new ones, ten times as many.
 */
import { expect, it } from 'vitest';
import { playScripts } from './script.ts';

const { FC_SEED, FC_PATH, TORTURE } = process.env;
const STEPS = TORTURE === undefined ? 100_000 : Number(TORTURE);
const SEED = FC_SEED ?? (TORTURE === undefined ? '1' : null);

it('keeps every promise of the design, whatever happens', () => {
  const { failure, steps } = playScripts({
    steps: STEPS,
    ...(SEED === null ? {} : { seed: Number(SEED) }),
    ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
  });
  if (failure !== null) expect.fail(failure);
  if (FC_PATH === undefined) expect(steps).toBeGreaterThanOrEqual(STEPS);
}, 3_600_000);
