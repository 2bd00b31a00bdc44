import { readEdn } from '../edn/read.ts';
import type { Issue } from '../issue.ts';
import { readProperties } from '../properties/read.ts';
import type { SourceFile } from '../types.ts';
import { readCatalog } from './catalog.ts';

export interface GateOptions {
  /** What `connector.name` may say. */
  readonly connectors: readonly string[];
}

function checkCatalog({ path, bytes }: SourceFile, { connectors }: GateOptions): readonly Issue[] {
  const at = (line: number, column: number) => ({ severity: 'error' as const, path, line, column });
  const faults = readProperties(bytes).faults.map(
    ({ code, line, column, message, hint }): Issue => ({ code, message, hint, ...at(line, column) }),
  );
  const { connector, entries } = readCatalog(bytes);
  if (connector === null) {
    const hint = 'add connector.name=datomic';
    return [...faults, { code: 'CATALOG_NO_CONNECTOR', message: 'names no connector', hint, ...at(1, 1) }];
  }
  if (connectors.includes(connector)) return faults;
  const entry = entries.get('connector.name');
  return [
    ...faults,
    {
      code: 'CATALOG_CONNECTOR_NOT_ALLOWED',
      message: `connector ${connector} is not among those allowed: ${connectors.join(', ')}`,
      hint: 'allow it in the setting gate.connectors, or use one that is allowed',
      ...at(entry?.valueLine ?? 1, entry?.valueColumn ?? 1),
    },
  ];
}

function checkMetaschema({ path, bytes }: SourceFile): readonly Issue[] {
  const text = new TextDecoder('utf-8').decode(bytes);
  return readEdn(text).faults.map(({ code, line, column, message, hint }) => ({
    code,
    severity: 'error',
    path,
    line,
    column,
    message,
    hint,
  }));
}

/** All findings in these files at once, by path, line and column. Any error refuses the whole set. */
export function gate(files: readonly SourceFile[], options: GateOptions): readonly Issue[] {
  return files.flatMap((file) => {
    if (file.path.startsWith('catalog/')) return checkCatalog(file, options);
    return file.path.startsWith('datomic/') ? checkMetaschema(file) : [];
  });
}
