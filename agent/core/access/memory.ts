/** What root's helper remembers between two runs; losing it costs a few calls and nothing else. */
import { decodeJson, listOf, nullable, oneOf, shape, text } from '../decode.ts';

export interface AccessMemory {
  readonly version: 1;
  /** Tag of the key file that the installed keys come from. */
  readonly keysTag: string | null;
  /** What was not honoured in it. */
  readonly keysIgnored: readonly string[];
  /** As the agent last told them. */
  readonly groups: readonly string[];
  /** The known_hosts line that this machine published last. */
  readonly hostKey: string | null;
}

export const EMPTY_ACCESS_MEMORY: AccessMemory = {
  version: 1,
  keysTag: null,
  keysIgnored: [],
  groups: [],
  hostKey: null,
};

const document = shape<AccessMemory>({
  version: oneOf(1),
  keysTag: nullable(text),
  keysIgnored: listOf(text),
  groups: listOf(text),
  hostKey: nullable(text),
});

export function readAccessMemory(json: string | null): AccessMemory {
  const decoded = json === null ? null : decodeJson(document, json);
  return decoded?.isValid === true ? decoded.value : EMPTY_ACCESS_MEMORY;
}
