/** Which faults there are at which recorded effects, and a choice of them. */
import type { Effect, EffectKind, Fault } from '../fakes/fault-port.ts';
import { isStatus, type Point } from './crash-run.ts';

const WINDOW_MS = 20_000;
const SLOW_MS = 7_000;

const DEATHS: readonly Fault[] = [
  { kind: 'die', when: 'before' },
  { kind: 'die', when: 'after' },
];
const TORN: Fault = { kind: 'die', when: 'middle' };
const SLOW: Fault = { kind: 'slow', ms: SLOW_MS };

const disk = (errno: 'ENOSPC' | 'EIO' | 'EROFS'): readonly Fault[] =>
  [0, WINDOW_MS].map((forMs) => ({ kind: 'disk', errno, forMs }));
const source = (code: string): readonly Fault[] =>
  [0, WINDOW_MS].map((forMs) => ({ kind: 'source', code, forMs }));

const FAULTS: Readonly<Record<EffectKind, readonly Fault[]>> = {
  file: [...DEATHS, TORN, ...disk('ENOSPC'), ...disk('EIO'), ...disk('EROFS'), SLOW],
  process: [...DEATHS, { kind: 'job', when: 'before' }, { kind: 'job', when: 'after' }],
  source: [
    ...DEATHS,
    ...source('SOURCE_UNREACHABLE'),
    ...source('SOURCE_DENIED'),
    ...source('SOURCE_TORN'),
    ...source('SOURCE_THROTTLED'),
    SLOW,
  ],
  report: DEATHS,
};

/** All points of a recorded run. */
export const listPoints = (effects: readonly Effect[]): readonly Point[] =>
  effects.flatMap(({ n, kind }) => FAULTS[kind].map((fault) => ({ n, fault })));

/** A death before each effect that is not the status or a question to the source, of which there are very many. */
export const listDeaths = (effects: readonly Effect[]): readonly Point[] =>
  effects
    .filter(({ kind, name }) => kind !== 'source' && !isStatus(name))
    .map(({ n }) => ({ n, fault: { kind: 'die', when: 'before' } }));

/** Numbers in [0, 1) that a seed gives again (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(list: readonly T[], random: () => number): T {
  const picked = list[Math.floor(random() * list.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
}
