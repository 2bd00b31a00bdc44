import type { Severity } from '../issue.ts';
import { CATALOG_CODES } from './codes/catalog.ts';
import { EDN_CODES } from './codes/edn.ts';
import { METASCHEMA_CODES } from './codes/metaschema.ts';
import { SCHEMA_CODES } from './codes/schema.ts';
import { SOURCE_CODES } from './codes/source.ts';

/** A kind of finding, for people: the page of codes in the README is this table. */
export interface CodeEntry {
  readonly severity: Severity;
  readonly meaning: string;
  /** The smallest text, path or command that gives it. */
  readonly example: string;
  readonly remedy: string;
}

/** Every code that a finding can have. */
export const CODES = {
  ...EDN_CODES,
  ...CATALOG_CODES,
  ...METASCHEMA_CODES,
  ...SCHEMA_CODES,
  ...SOURCE_CODES,
} as const;

export type IssueCode = keyof typeof CODES;
