import { compareText } from './digest.ts';
import { canonicalEdn } from './edn/canonical.ts';
import { type EdnNode, lookUp } from './edn/node.ts';
import { readEdn } from './edn/read.ts';
import { catalogMeaning, DATABASES, readCatalog } from './gate/catalog.ts';

export interface FileChange {
  readonly effect: 'hot-reload' | 'restart' | 'none';
  /** One sentence; never a value that could be a secret. */
  readonly reason: string;
  /** The bytes differ. */
  readonly isChanged: boolean;
}

/** What one file's change means to the engine. `null`: the file is not there. */
export function describeChange(
  path: string,
  before: Uint8Array | null,
  after: Uint8Array | null,
): FileChange {
  if (before !== null && after !== null && areEqual(before, after)) {
    return { effect: 'none', reason: 'unchanged', isChanged: false };
  }
  return path.startsWith('catalog/') ? describeCatalog(before, after) : describeMetaschema(before, after);
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function describeCatalog(before: Uint8Array | null, after: Uint8Array | null): FileChange {
  const change = (reason: string): FileChange => ({ effect: 'restart', reason, isChanged: true });
  if (after === null) return change('catalog removed');
  if (before === null) return change('new catalog');
  if (catalogMeaning(before) === catalogMeaning(after)) {
    return { effect: 'none', reason: 'only comments, order or spacing differ', isChanged: true };
  }
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].toSorted(compareText);
  const changed = names.filter((name) => old.get(name) !== now.get(name));
  const parts = changed.map((name) => {
    if (name === DATABASES) return `databases ${old.get(name) ?? 'all'} → ${now.get(name) ?? 'all'}`;
    return `${name} ${old.has(name) ? (now.has(name) ? 'changed' : 'removed') : 'added'}`;
  });
  return change(parts.join(', '));
}

function valuesOf(bytes: Uint8Array): ReadonlyMap<string, string> {
  return new Map([...readCatalog(bytes).entries].map(([key, { value }]) => [key, value]));
}

function describeMetaschema(before: Uint8Array | null, after: Uint8Array | null): FileChange {
  const change = (reason: string): FileChange => ({ effect: 'hot-reload', reason, isChanged: true });
  if (after === null) return change('metaschema removed');
  if (before === null) return change('new metaschema');
  const [old, now] = [readMetaschema(before), readMetaschema(after)];
  if (old === null || now === null) return change('metaschema changed');
  if (canonicalEdn(old) === canonicalEdn(now)) {
    return { effect: 'none', reason: 'only comments, order or spacing differ', isChanged: true };
  }
  const parts = [
    ...describeEntries(old, now, ':tables', 'table'),
    ...describeEntries(old, now, ':joins', 'join'),
  ];
  return change(parts.length === 0 ? 'metaschema changed' : parts.join(', '));
}

/** Null for what cannot be read: then any difference counts. */
function readMetaschema(bytes: Uint8Array): EdnNode | null {
  const { form, faults } = readEdn(new TextDecoder().decode(bytes));
  return faults.length > 0 ? null : form;
}

/** Which entries of a section came, went or changed, by attribute: `table :order/number changed`. */
function describeEntries(before: EdnNode, after: EdnNode, section: string, noun: string): string[] {
  const [old, now] = [entriesOf(before, section), entriesOf(after, section)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].toSorted(compareText);
  return keys
    .filter((key) => old.get(key) !== now.get(key))
    .map((key) => `${noun} ${key} ${old.has(key) ? (now.has(key) ? 'changed' : 'removed') : 'added'}`);
}

function entriesOf(metaschema: EdnNode, section: string): ReadonlyMap<string, string> {
  const entries = metaschema.kind === 'map' ? lookUp(metaschema, section) : null;
  if (entries?.kind !== 'map') return new Map();
  return new Map(entries.entries.map(({ key, value }) => [canonicalEdn(key), canonicalEdn(value)]));
}
