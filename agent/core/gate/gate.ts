import { compareText } from '../digest.ts';
import { readEdn } from '../edn/read.ts';
import type { Issue } from '../issue.ts';
import { managedKindOf } from '../managed-path.ts';
import type { SourceFile } from '../types.ts';
import { checkCatalog, type FileFindings } from './catalog-rules.ts';
import { createIssueLog } from './issue-log.ts';
import { readMetaschema } from './metaschema.ts';
import { checkMetaschema } from './metaschema-rules.ts';
import { decodeMetaschema } from './metaschema-text.ts';

export interface GateOptions {
  /** What `connector.name` may say. */
  readonly connectors: readonly string[];
}

/** All findings in these files at once, by path, line and column. Any error refuses the whole set. */
export function gate(files: readonly SourceFile[], options: GateOptions): readonly Issue[] {
  return measureGate(files, options).issues;
}

/** The gate, with the work that it took: tests hold it to be linear. */
export function measureGate(files: readonly SourceFile[], options: GateOptions): FileFindings {
  const found = files.toSorted((a, b) => compareText(a.path, b.path)).map((file) => checkFile(file, options));
  return {
    issues: found.flatMap(({ issues }) => issues),
    steps: found.reduce((sum, { steps }) => sum + steps, 0),
  };
}

function checkFile(file: SourceFile, { connectors }: GateOptions): FileFindings {
  const kind = managedKindOf(file.path);
  if (kind === 'catalog') return checkCatalog(file, connectors);
  return kind === 'metaschema' ? checkMetaschemaFile(file) : { issues: [], steps: 0 };
}

/** Sixteen times what a source may hold by default: beyond it memory is the gateway's own. */
const MAX_METASCHEMA_BYTES = 16 * 2 ** 20;

function checkMetaschemaFile({ path, bytes }: SourceFile): FileFindings {
  const log = createIssueLog(path, 'METASCHEMA_TOO_MANY_FINDINGS');
  if (bytes.length > MAX_METASCHEMA_BYTES) {
    const message = `the file has ${bytes.length} bytes; a metaschema has at most ${MAX_METASCHEMA_BYTES}`;
    log.add('EDN_TOO_LARGE', null, message, 'split it, or look what was put here');
    return { issues: log.issues(), steps: 0 };
  }
  const text = decodeMetaschema(bytes, log);
  if (text === null) return { issues: log.issues(), steps: bytes.length };
  const { form, faults, isBalanced, steps } = readEdn(text);
  for (const { code, line, column, message, hint } of faults) log.add(code, { line, column }, message, hint);
  // With braces that do not match, what belongs to what is a guess: findings about it would be one, too.
  const metaschema = form === null || !isBalanced ? null : readMetaschema(form, log);
  if (metaschema !== null) checkMetaschema(metaschema, log);
  return { issues: log.issues(), steps };
}
