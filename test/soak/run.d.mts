import type { Limits } from './judge.mjs';

interface SoakForm {
  readonly cycles: number;
  /** Cycles before the first sample. */
  readonly warmUp: number;
  /** Samples after it. */
  readonly marks: number;
  /** Requests to be answered at the beginning. */
  readonly answers: number;
}
interface Line {
  readonly cycles: number;
  readonly cyclesWithS3: number;
  readonly operations: Readonly<Record<string, number>>;
  readonly sample: Readonly<Record<string, number>>;
}
export const WHOLE: SoakForm;
export const BOUNDED: SoakForm;
export const BOUNDED_LIMITS: Limits;
export function pickSeed(): number;
export function runSoak(
  options: SoakForm & { readonly seed: number; readonly limits?: Limits; readonly leak?: string },
): Promise<{
  readonly samples: readonly Line[];
  readonly faults: readonly string[];
  readonly seconds: number;
}>;
