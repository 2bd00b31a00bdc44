import type { CodeEntry } from './entry.ts';

/** What lies around the files. */
export const SOURCE_CODES = {
  SOURCE_EMPTY: {
    severity: 'error',
    meaning: 'the directory holds neither catalogs nor metaschemas (`validate` and `plan` only)',
    example: 'gatewayctl validate config/catalog',
    remedy: 'name the directory that holds `catalog/` and `datomic/`',
  },
  SOURCE_FILE_TOO_LARGE: {
    severity: 'error',
    meaning: 'a file is over `source.limits.fileSize`',
    example: 'datomic/dump.edn',
    remedy: 'remove it, or raise the limit',
  },
  SOURCE_FOREIGN_PATH: {
    severity: 'warning',
    meaning: 'a file lies where the gateway reads none; it is left alone',
    example: 'datomic/shop.yaml',
    remedy: 'move it, or leave it where it is',
  },
  SOURCE_MANIFEST_DISAGREES: {
    severity: 'warning',
    meaning: 'another tool wrote after the last sync',
    example: 'aws s3 cp shop.edn s3://…/etc/datomic/',
    remedy: 'sync again with `gatewayctl analytics sync`, or leave it: it is taken when it has settled',
  },
  SOURCE_MANIFEST_MALFORMED: {
    severity: 'warning',
    meaning: '`manifest.json` is none',
    example: '{"version":2}',
    remedy: 'sync again, or delete it',
  },
  SOURCE_TOO_MANY_FILES: {
    severity: 'error',
    meaning: 'more files than `source.limits.files`',
    example: '501 files',
    remedy: 'remove some, or raise the limit',
  },
  SOURCE_TOTAL_TOO_LARGE: {
    severity: 'error',
    meaning: 'all files together are over `source.limits.total`',
    example: '17 files of 1 MiB',
    remedy: 'remove some, or raise the limit',
  },
} as const satisfies Readonly<Record<`SOURCE_${string}`, CodeEntry>>;
