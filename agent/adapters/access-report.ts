import { ACCESS_FILES, ACCESS_LAYOUT } from '../core/access/layout.ts';
import { MAX_REPORT_BYTES } from '../core/access/report.ts';
import { readRegularFile } from './regular-file.ts';

const REPORT_FILE = `${ACCESS_LAYOUT.runDir}/${ACCESS_FILES.report}`;

/** What root's helper for client access last reported; null without one, and where it may not be read. */
export function createAccessReport(path: string = REPORT_FILE): () => Promise<string | null> {
  return async () => {
    // Where it may not be read there is nothing to say about it either.
    const bytes = await readRegularFile(path, MAX_REPORT_BYTES).catch(() => null);
    return bytes === null ? null : Buffer.from(bytes).toString('utf8');
  };
}
