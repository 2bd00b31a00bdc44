import { CATALOG_CODES } from './codes/catalog.ts';
import { EDN_CODES } from './codes/edn.ts';
import { METASCHEMA_CODES } from './codes/metaschema.ts';
import { SCHEMA_CODES } from './codes/schema.ts';
import { SOURCE_CODES } from './codes/source.ts';

/** Every code that a finding can have. */
export const CODES = {
  ...EDN_CODES,
  ...CATALOG_CODES,
  ...METASCHEMA_CODES,
  ...SCHEMA_CODES,
  ...SOURCE_CODES,
} as const;

export type IssueCode = keyof typeof CODES;
