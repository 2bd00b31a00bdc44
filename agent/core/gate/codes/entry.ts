import type { Severity } from '../../issue.ts';

/** A kind of finding, for people: the page of codes in the README is this table. */
export interface CodeEntry {
  readonly severity: Severity;
  readonly meaning: string;
  /** The smallest text, path or command that gives it. */
  readonly example: string;
  readonly remedy: string;
}
