import { lookUp } from '../edn/node.ts';
import type { PropertyEntry } from '../properties/read.ts';
import { CLIENT_CONFIG } from './catalog.ts';
import { readEdnValue } from './edn-value.ts';
import type { IssueLog } from './issue-log.ts';

const HINT = 'write {:server-type :cloud …}';
const MAX_FAULTS = 5;

/** The client map: one EDN map with keywords as keys. It can hold secrets, so nothing of it is quoted. */
export function checkClientConfig(entry: PropertyEntry, log: IssueLog): number {
  const { form, faults, steps, placeOf } = readEdnValue(entry, { isSecret: true });
  const refuse = (index: number, message: string, hint: string) =>
    log.add('CATALOG_CLIENT_CONFIG_NOT_A_MAP', placeOf(index), message, hint);

  for (const fault of faults.slice(0, MAX_FAULTS)) {
    const isEmpty = fault.code === 'EDN_EMPTY';
    const message = isEmpty ? 'this is empty' : fault.message;
    refuse(
      fault.start,
      `${CLIENT_CONFIG} is an EDN map: ${message}`,
      isEmpty ? HINT : fault.hint.replace('at the end of the file', 'at the end of the line'),
    );
  }
  if (faults.length > 0 || form === null) return steps;
  if (form.kind !== 'map') {
    refuse(0, `${CLIENT_CONFIG} is an EDN map; this is a ${form.kind}`, HINT);
    return steps;
  }
  for (const { key } of form.entries) {
    if (key.kind === 'keyword') continue;
    const hint = 'keys are keywords such as :endpoint; a value may be missing before this';
    refuse(key.start, `a ${key.kind} stands where ${CLIENT_CONFIG} has a key`, hint);
    break;
  }
  const type = lookUp(form, ':server-type');
  if (type !== null && type.kind !== 'keyword') {
    refuse(
      type.start,
      `:server-type is a keyword; this is a ${type.kind}`,
      'write :cloud, :ion or :peer-server',
    );
  }
  return steps;
}
