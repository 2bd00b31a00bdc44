/** What tests compare. */
export interface Row {
  readonly what: string;
  readonly measured: string | number;
  readonly limit?: string | number;
  readonly isMet?: boolean;
  /** How much over the limit. */
  readonly missedBy?: string;
  readonly why?: string;
}

export interface Run {
  readonly at: string;
  readonly agent: string;
  readonly node: string;
  readonly flags: string;
  readonly machine: string;
  /** The settings that made it a trial; empty for a whole run. */
  readonly shortened: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly notMeasured?: readonly (readonly [string, string])[];
}

export interface Figure {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly method: string;
  readonly run: Run;
  readonly notMeasured?: readonly (readonly [string, string])[];
}

export interface Results {
  readonly run: Run;
  readonly figures: Readonly<Record<string, Figure>>;
}

/** What RESULTS.md says of a missed limit for which nobody has written a reason. */
export const UNKNOWN_REASON: string;
export function judge(options: {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly show?: (value: number) => string;
}): Row;
export function plot(data: Results): string;
export function classifyRequest(request: { readonly method: string; readonly url: string }): string;
export function priceOf(counts: Readonly<Record<string, number>>): number;
export function formatQuote(data: Results): string;
export function formatResults(data: Results): string;
export function mergeFigures(
  data: Results,
  measured: {
    readonly run: Run;
    readonly figures: Readonly<Record<string, Omit<Figure, 'run'>>>;
    readonly order: readonly string[];
  },
): Results;
export function readResults(): Results;
