// How long the long figures take; shorter ones are for trying.

const DEFAULTS = {
  BENCH_IDLE_SECONDS: 120,
  BENCH_CHANGES: 300,
  BENCH_LIVE_CHANGES: 30,
  BENCH_COUNT_SECONDS: 1_000,
  BENCH_RESTARTS: 6,
  BENCH_SOAK_CYCLES: 100_000,
};

const wanted = (name, otherwise) => Number(process.env[name] ?? otherwise);

export const IDLE_SECONDS = wanted('BENCH_IDLE_SECONDS', DEFAULTS.BENCH_IDLE_SECONDS);
export const CHANGES = wanted('BENCH_CHANGES', DEFAULTS.BENCH_CHANGES);
export const LIVE_CHANGES = wanted('BENCH_LIVE_CHANGES', DEFAULTS.BENCH_LIVE_CHANGES);
export const COUNT_SECONDS = wanted('BENCH_COUNT_SECONDS', DEFAULTS.BENCH_COUNT_SECONDS);
export const SOAK_CYCLES = wanted('BENCH_SOAK_CYCLES', DEFAULTS.BENCH_SOAK_CYCLES);
/** Rounds of restarts: PrestoSQL has a limit, Trino has none. */
export const RESTARTS = { presto: wanted('BENCH_RESTARTS', 6), trino: wanted('BENCH_RESTARTS', 3) };

/** Names the settings that make this run a trial; nothing where none does. */
export const describeShortening = () =>
  Object.entries(DEFAULTS)
    .filter(([name, value]) => wanted(name, value) < value)
    .map(([name]) => `${name}=${process.env[name]}`)
    .join(' ');
