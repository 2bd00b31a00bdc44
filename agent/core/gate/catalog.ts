import { compareText } from '../digest.ts';
import { canonicalEdn } from '../edn/canonical.ts';
import { type EdnMap, type EdnNode, lookUp } from '../edn/node.ts';
import { readEdn } from '../edn/read.ts';
import { type PropertyEntry, readProperties } from '../properties/read.ts';

export const CONNECTOR = 'connector.name';
export const DATABASES = 'datomic.databases';
export const CLIENT_CONFIG = 'datomic.client.config';

/** A catalog file as the engine and the Datomic connector read it. Of a duplicate key the last one counts. */
export interface Catalog {
  /** Without blanks around it: the engine trims values. */
  readonly connector: string | null;
  /** By key, in the order of the text. */
  readonly entries: ReadonlyMap<string, PropertyEntry>;
  /** The listed databases; null when there is no list, or none that can be read: then all are visible. */
  readonly databases: readonly string[] | null;
  /** The client map; null when there is none, or none that can be read. */
  readonly client: EdnMap | null;
}

/** The connector whose rules the gate knows. */
export function isDatomic(connector: string): boolean {
  return connector.trim() === 'datomic';
}

/** `catalog/shop.properties` → `shop`. */
export function catalogNameOf(path: string): string {
  return path.replace(/^catalog\//, '').replace(/\.properties$/, '');
}

function parse(entry: PropertyEntry | undefined): EdnNode | null {
  if (entry === undefined) return null;
  const { form, faults } = readEdn(entry.value, { unknownTags: 'keep', isSecret: true });
  return faults.length === 0 ? form : null;
}

function namesOf(node: EdnNode | null): readonly string[] | null {
  if (node?.kind !== 'vector') return null;
  const names = node.items.map((item) => {
    if (item.kind === 'symbol' || item.kind === 'keyword') return item.text;
    if (item.kind === 'integer') return item.text;
    return item.kind === 'string' ? item.value : null;
  });
  return names.every((name) => name !== null) ? names : null;
}

export function readCatalog(bytes: Uint8Array): Catalog {
  const entries = new Map(readProperties(bytes).entries.map((entry) => [entry.key, entry]));
  const connector = entries.get(CONNECTOR);
  const client = parse(entries.get(CLIENT_CONFIG));
  return {
    connector: connector === undefined ? null : trimValue(connector.value),
    entries,
    databases: namesOf(parse(entries.get(DATABASES))),
    client: client?.kind === 'map' ? client : null,
  };
}

/** A value of the client map as canonical text; null when it is not there. */
export function clientValue(catalog: Catalog, keyword: string): string | null {
  const value = catalog.client === null ? null : lookUp(catalog.client, keyword);
  return value === null ? null : canonicalEdn(value);
}

/** As the engine takes a value: `String.trim` of Java, in airlift's ConfigurationLoader (PrestoSQL 350). */
function trimValue(value: string): string {
  let [start, end] = [0, value.length];
  while (start < end && value.charCodeAt(start) <= 0x20) start++;
  while (end > start && value.charCodeAt(end - 1) <= 0x20) end--;
  return value.slice(start, end);
}

/** What a catalog means, as text: comments, order, spacing and notation change nothing. */
export function catalogMeaning(bytes: Uint8Array): string {
  const { entries } = readCatalog(bytes);
  const meaning = [...entries].map(([key, entry]) => {
    const form = key === DATABASES || key === CLIENT_CONFIG ? parse(entry) : null;
    return [key, form === null ? trimValue(entry.value) : canonicalEdn(form)] as const;
  });
  return JSON.stringify(meaning.toSorted(([a], [b]) => compareText(a, b)));
}
