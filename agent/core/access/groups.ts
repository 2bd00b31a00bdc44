/** The groups that the agent tells of in its status: names, and nothing else is taken from there. */
import { decodeJson, listOf, shape, textUpTo } from '../decode.ts';

const MAX_GROUPS = 200;

const status = shape<{ source: { groups: readonly string[] } }>({
  source: shape<{ groups: readonly string[] }>({ groups: listOf(textUpTo(128), MAX_GROUPS) }),
});

/** Null when the document tells none: not one of the agent's, or written before the source answered. */
export function readGroups(statusJson: string): readonly string[] | null {
  const decoded = decodeJson(status, statusJson);
  if (!decoded.isValid || decoded.value.source.groups.length === 0) return null;
  return decoded.value.source.groups;
}
