/** Numbers from a seed, always the same ones. */
export interface Random {
  /** From 0, below `limit`. */
  readonly below: (limit: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
  readonly chance: (probability: number) => boolean;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    chance: (probability) => next() < probability,
  };
}

const CODES_BEYOND_ASCII = [
  '\u0085',
  '\u00a0',
  'é',
  '\u0661',
  '\u2003',
  '\u2028',
  '\u202e',
  '\ufeff',
  'Ａ',
  '１',
  '😀',
];

/** Changes a text in a few places: characters taken out, put in, replaced, doubled, and pieces moved. */
export function mutate(text: string, alphabet: readonly string[], random: Random): string {
  let mutated = text;
  for (let left = random.below(4); left >= 0; left--) {
    const at = random.below(mutated.length + 1);
    const to = Math.min(mutated.length, at + random.below(4));
    const put = random.chance(0.05) ? random.pick(CODES_BEYOND_ASCII) : random.pick(alphabet);
    const before = mutated.slice(0, at);
    mutated = random.pick([
      () => before + mutated.slice(to),
      () => before + put + mutated.slice(at),
      () => before + put + mutated.slice(to),
      () => before + mutated.slice(at, to) + mutated.slice(at),
      () => mutated.slice(at) + before,
    ])();
  }
  return mutated;
}
