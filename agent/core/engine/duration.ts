const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A duration as the engines print it: two decimals of the largest fitting unit, so its error grows with it. */
export interface EngineDuration {
  readonly ms: number;
  /** How far the printed value may be from the true one. */
  readonly errorMs: number;
}

/** Reads `12.34ms`, `1.50m`, `2.00d`; null for anything else. */
export function parseEngineDuration(text: string): EngineDuration | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ns|us|ms|s|m|h|d)\s*$/.exec(text);
  const [, number, unit] = match ?? [];
  const msPerUnit = unit === undefined ? undefined : MS_PER_UNIT[unit];
  if (number === undefined || msPerUnit === undefined) return null;
  return { ms: Number(number) * msPerUnit, errorMs: 0.01 * msPerUnit };
}
