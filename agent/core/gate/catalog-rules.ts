import type { Issue } from '../issue.ts';
import { nearest } from '../nearest.ts';
import { nameKey, type PropertiesReading, type PropertyEntry } from '../properties/read.ts';
import type { SourceFile } from '../types.ts';
import { CLIENT_CONFIG, CONNECTOR, catalogNameOf, DATABASES, isDatomic } from './catalog.ts';
import { findMultiLine } from './catalog-multi-line.ts';
import { checkCatalogName } from './catalog-name.ts';
import { decodeCatalog } from './catalog-text.ts';
import { checkClientConfig } from './client-config-rules.ts';
import { checkDatabases } from './database-rules.ts';
import { createIssueLog, type IssueLog } from './issue-log.ts';
import { didYouMean } from './suggest.ts';

/** Properties of a Datomic catalog, all of them. */
const DATOMIC_KEYS = [CONNECTOR, DATABASES, CLIENT_CONFIG];
/** So near a known key that it can only be a slip. */
const SLIP = 2;
/** How keys of connectors look: words in lower case with dots or hyphens between them. */
const PROPERTY_KEY = /^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)+$/i;
/** Real ones have a hundredth of it; each line costs memory. */
const MAX_BYTES = 128 * 2 ** 10;
const BRACKET = /[[\](){}"]/;

export interface FileFindings {
  readonly issues: readonly Issue[];
  /** Work done, in characters looked at. */
  readonly steps: number;
}

/** Every finding in a catalog. No message quotes a value: they can be secrets. */
export function checkCatalog({ path, bytes }: SourceFile, connectors: readonly string[]): FileFindings {
  const log = createIssueLog(path, 'CATALOG_TOO_MANY_FINDINGS');
  checkCatalogName(catalogNameOf(path), log);
  if (bytes.length > MAX_BYTES) {
    const message = `the file has ${bytes.length} bytes; a catalog has at most ${MAX_BYTES}`;
    log.add('PROPERTIES_TOO_LARGE', null, message, 'look what was put here');
    return { issues: log.issues(), steps: 0 };
  }
  const reading = decodeCatalog(bytes, log);
  if (reading === null) return { issues: log.issues(), steps: bytes.length };
  const steps = reading.steps + checkEntries(reading, bytes, connectors, log);
  return { issues: log.issues(), steps };
}

function checkEntries(
  reading: PropertiesReading,
  bytes: Uint8Array,
  connectors: readonly string[],
  log: IssueLog,
): number {
  const spilled = findMultiLine(reading.entries, bytes, log);
  const entries = reading.entries.filter(({ line }) => !spilled.lines.has(line));
  for (const { code, line, column, message, hint } of reading.faults) {
    if (!spilled.lines.has(line)) log.add(code, { line, column }, message, hint);
  }
  const [broken, whole] = [entries.filter(isBrokenLine), entries.filter((entry) => !isBrokenLine(entry))];
  for (const entry of broken) log.add('CATALOG_NOT_KEY_VALUE', entry, ...describeBroken(entry));
  const byKey = new Map(whole.map((entry) => [entry.key, entry]));
  const meant = (key: string) => broken.some((entry) => entry.key.startsWith(key));
  checkConnector(byKey, connectors, meant(CONNECTOR), log);
  if (!isDatomicMeant(byKey, broken)) return spilled.steps;

  checkKeys(byKey, log);
  const isListMeant = meant(DATABASES) || [...byKey.keys()].some((key) => isSlip(key, DATABASES));
  const list = byKey.get(DATABASES) ?? null;
  const client = byKey.get(CLIENT_CONFIG) ?? null;
  const isSpilled = (entry: PropertyEntry) => spilled.openers.has(entry);
  let steps = spilled.steps;
  if (list === null && !isListMeant) missDatabases(log);
  if (list !== null && !isSpilled(list)) steps += checkDatabases(list, log);
  if (client !== null && !isSpilled(client)) steps += checkClientConfig(client, log);
  return steps;
}

function missDatabases(log: IssueLog): void {
  const message = `no ${DATABASES}: every database is visible, and JDBC metadata is off`;
  log.add('CATALOG_ALL_DATABASES', null, message, `list them: ${DATABASES}=[shop]`);
}

/** A line that Java takes for a key, but that no person would. */
function isBrokenLine({ key, separator }: PropertyEntry): boolean {
  if (key === '' || separator === null || BRACKET.test(key)) return true;
  return separator === ' ' && !PROPERTY_KEY.test(key);
}

function describeBroken({ key, separator }: PropertyEntry): [message: string, hint: string] {
  if (key === '') return ['there is no key before the =', 'write key=value'];
  const known = DATOMIC_KEYS.find((candidate) => key.startsWith(candidate));
  if (known !== undefined && (separator === null || BRACKET.test(key))) {
    return [`there is no = between ${known} and its value`, `write ${known}=`];
  }
  return ['this line is no key=value', 'put the = where it belongs, or a # before a comment'];
}

function checkConnector(
  byKey: ReadonlyMap<string, PropertyEntry>,
  connectors: readonly string[],
  isMeant: boolean,
  log: IssueLog,
): void {
  const entry = byKey.get(CONNECTOR);
  if (entry === undefined) {
    if (isMeant) return;
    const slip = [...byKey.values()].find(({ key }) => isSlip(key, CONNECTOR));
    const message = `there is no ${CONNECTOR}: the engine would not start`;
    if (slip !== undefined) log.add('CATALOG_NO_CONNECTOR', slip, message, didYouMean(CONNECTOR, ''));
    else log.add('CATALOG_NO_CONNECTOR', { line: 1, column: 1 }, message, `add ${CONNECTOR}=datomic`);
    return;
  }
  const connector = entry.value.trim();
  if (connectors.includes(connector)) return;
  const shown = /^[\w.-]{1,60}$/.test(connector) ? `the connector ${connector}` : 'this connector';
  const message = `${shown} is not among those allowed: ${connectors.join(', ')}`;
  const hint = didYouMean(
    nearest(connector.slice(0, 60).toLowerCase(), connectors, SLIP),
    'allow it in the setting gate.connectors, or use one that is allowed',
  );
  log.add(
    'CATALOG_CONNECTOR_NOT_ALLOWED',
    { line: entry.valueLine, column: entry.valueColumn },
    message,
    hint,
  );
}

/** A catalog that names no connector and speaks of Datomic is one, too: so that all mistakes show at once. */
function isDatomicMeant(
  byKey: ReadonlyMap<string, PropertyEntry>,
  broken: readonly PropertyEntry[],
): boolean {
  const connector = byKey.get(CONNECTOR)?.value;
  if (connector !== undefined) return isDatomic(connector.toLowerCase());
  return [...byKey.keys(), ...broken.map(({ key }) => key)].some((key) => key.startsWith('datomic.'));
}

function isSlip(key: string, known: string): boolean {
  return key !== known && key.length < 100 && nearest(key.toLowerCase(), [known], SLIP) !== null;
}

function checkKeys(byKey: ReadonlyMap<string, PropertyEntry>, log: IssueLog): void {
  for (const entry of byKey.values()) {
    if (DATOMIC_KEYS.includes(entry.key)) continue;
    const slip = DATOMIC_KEYS.find((known) => isSlip(entry.key, known));
    // A slip in the connector's key is reported as its lack.
    if (slip === CONNECTOR && !byKey.has(CONNECTOR)) continue;
    const message = `${nameKey(entry.key)} is no property of a Datomic catalog`;
    if (slip !== undefined) log.add('CATALOG_MISSPELT_PROPERTY', entry, message, didYouMean(slip, ''));
    else {
      const hint = `remove it, unless you know that it does something; there are ${DATOMIC_KEYS.join(', ')}`;
      log.add('CATALOG_UNKNOWN_PROPERTY', entry, message, hint);
    }
  }
}
