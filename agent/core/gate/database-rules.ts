import { type EdnFault, quoteText } from '../edn/fault.ts';
import type { EdnNode } from '../edn/node.ts';
import type { Place, PropertyEntry } from '../properties/read.ts';
import { DATABASES } from './catalog.ts';
import type { IssueCode } from './codes.ts';
import { readEdnValue } from './edn-value.ts';
import type { IssueLog } from './issue-log.ts';
import { describeNode, nameKind } from './metaschema-values.ts';
import { foldName, needsQuotes } from './sql-names.ts';

const HINT = `write ${DATABASES}=[shop billing]`;
const WANTED = `${DATABASES} is an EDN vector of names`;
const CLIENT_MAP = /[{}=]|:\S/;
const BARE_NAMES = /^[A-Za-z][\w-]*(?:[\s,]+[A-Za-z][\w-]*)*$/;

/** The list of databases that analysts see. Gives the steps done. */
export function checkDatabases(entry: PropertyEntry, log: IssueLog): number {
  // Where a client map slipped into the list its secrets must not show.
  const isSecret = CLIENT_MAP.test(entry.value);
  const { form, faults, steps, placeOf } = readEdnValue(entry, { isSecret });
  const refuse = (place: ReturnType<typeof placeOf>, message: string, hint = HINT) =>
    log.add('CATALOG_DATABASES_NOT_A_LIST', place, message, hint);

  const bare = entry.value.trim();
  const [fault] = faults;
  if (bare.length < 1_000 && BARE_NAMES.test(bare)) {
    const names = bare.split(/[\s,]+/).join(' ');
    refuse(placeOf(0), `${WANTED}; the brackets are missing`, `write ${DATABASES}=[${names}]`);
  } else if (fault !== undefined) {
    refuse(placeOf(fault.start), ...describeFault(fault));
  } else if (form?.kind !== 'vector') {
    refuse(
      placeOf(0),
      form === null ? WANTED : `${WANTED}; this is ${isSecret ? nameKind(form) : describeNode(form)}`,
    );
  } else {
    checkNames(form.items, { placeOf, isSecret }, log);
  }
  return steps;
}

function describeFault({ code, message, hint }: EdnFault): [message: string, hint: string] {
  if (code === 'EDN_EMPTY') return [`${WANTED}; this is empty`, HINT];
  if (code === 'EDN_TRAILING') return [`${WANTED}, and nothing behind it`, HINT];
  return [`${WANTED}: ${message}`, hint.replace('at the end of the file', 'at the end of the line')];
}

function checkNames(
  items: readonly EdnNode[],
  { placeOf, isSecret }: { readonly placeOf: (index: number) => Place; readonly isSecret: boolean },
  log: IssueLog,
): void {
  if (items.length === 0) {
    const message = `${DATABASES} lists no database; what the connector makes of that is not documented`;
    log.add('CATALOG_NO_DATABASES', placeOf(0), message, 'list one, or remove the catalog');
  }
  const seen = new Map<string, string>();
  for (const item of items) {
    if (log.isFull()) break;
    // A place costs a walk through the value: it is sought only where something is wrong.
    const add = (code: IssueCode, message: string, hint: string) =>
      log.add(code, placeOf(item.start), message, hint);
    if (item.kind !== 'symbol' && item.kind !== 'string') {
      const message = `${WANTED}; ${isSecret ? nameKind(item) : describeNode(item)} is none`;
      const hint = item.kind === 'keyword' ? 'write the name without its colon' : HINT;
      add('CATALOG_DATABASES_NOT_A_LIST', message, hint);
    } else if (!isSecret) {
      checkName(item.kind === 'string' ? item.value : item.text, seen, add);
    }
  }
}

function checkName(
  name: string,
  seen: Map<string, string>,
  add: (code: IssueCode, message: string, hint: string) => void,
): void {
  const folded = foldName(name);
  const first = seen.get(folded);
  seen.set(folded, name);
  if (first === name)
    add('CATALOG_DATABASE_TWICE', `${quoteText(name)} is listed twice`, 'remove one of the two');
  else if (first !== undefined) {
    const message = `${quoteText(first)} and ${quoteText(name)} have the same name in SQL, ${quoteText(folded)}`;
    add('CATALOG_DATABASE_COLLISION', message, 'list one of them in a catalog of its own');
  }
  if (!needsQuotes(folded)) return;
  const message = `the database ${quoteText(name)} must be written "${quoteText(folded)}" in SQL, with the quotes`;
  add('CATALOG_NAME_NEEDS_QUOTES', message, 'nothing, if that is what you want');
}
