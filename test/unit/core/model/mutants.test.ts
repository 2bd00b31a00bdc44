/** The model can fail: each of these faults of a planner breaks a promise within few steps. */
import { describe, expect, it } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { playScripts } from './script.ts';

const MOST_STEPS = 20_000;

describe('a planner that', () => {
  it.each(Object.entries(MUTANTS))('%s breaks a promise', (_, planner) => {
    const { failure } = playScripts({ steps: MOST_STEPS, planner, seed: 1, isShrunk: false });
    expect(failure).not.toBeNull();
  });

  it('breaks one is shown by a short script that can be played again', () => {
    const planner = MUTANTS['skips the spacing'];
    if (planner === undefined) throw new Error('no such mutant');
    const { failure, lines } = playScripts({ steps: MOST_STEPS, planner, seed: 1 });
    expect(failure).toMatch(/^restarts are spaced: a restart only [\d.]+ s after the last$/m);
    expect(failure).toMatch(/^1\. [a-z-]+/m);
    expect(lines).toBeLessThanOrEqual(6);
    const [, seed, path] = /FC_SEED=(\S+) FC_PATH=(\S+)/.exec(failure ?? '') ?? [];
    const again = playScripts({ steps: 1, planner, seed: Number(seed), path: path ?? '' });
    expect(again.failure?.split('\n')[0]).toBe(failure?.split('\n')[0]);
  });
});
