export type Severity = 'error' | 'warning';

/**
 * One finding of the gate. `line` and `column` count from 1; both are 0 where the finding is about the file
 * or the directory as a whole. `column` counts UTF-16 code units, as editors do.
 */
export interface Issue {
  readonly code: string;
  readonly severity: Severity;
  /** Relative to the etc directory, e.g. `datomic/orders.edn`. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** What was expected and what was found; never a secret. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}
