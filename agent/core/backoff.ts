/**
 * How long to wait after the n-th failure in a row, in ms: doubles from `baseMs`, never above `capMs`, and
 * between half and all of that, so that many gateways do not return in step. `random` is in [0, 1).
 */
export function chooseBackoffMs(options: {
  readonly failures: number;
  readonly baseMs: number;
  readonly capMs: number;
  readonly random: number;
}): number {
  const { failures, baseMs, capMs, random } = options;
  // 2 ** 30 is far above any cap and far below where the product stops being exact.
  const full = Math.min(capMs, baseMs * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return Math.round(full / 2 + (full / 2) * random);
}
