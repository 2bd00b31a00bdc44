import type { SourceReaderOptions } from '../../agent/app/source-reader.ts';

const SECOND = 1_000;

/** Of a source reader in tests: the default speeds, and limits that a test can reach. */
export const READER_SETTINGS: SourceReaderOptions['settings'] = {
  pollIntervalMs: 2 * SECOND,
  listIntervalMs: 30 * SECOND,
  settleMs: 15 * SECOND,
  settleDeletionsMs: 30 * SECOND,
  group: 'auto',
  defaultGroup: 'acme',
  limits: { fileSizeBytes: 1_000, files: 10, totalBytes: 5_000 },
};
