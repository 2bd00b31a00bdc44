import type { Issue } from '../issue.ts';
import { byPath } from '../manifest.ts';
import { sourceIssue } from './issues.ts';
import { classifyPath, isGroupName } from './path.ts';

/** What `core/` needs to know of a listed object; the port's `ListedObject` fits. */
export interface Listed {
  readonly group: string;
  readonly path: string;
  readonly tag: string;
  readonly size: number;
  readonly modifiedAt: number;
}

/** One group as one listing shows it. */
export interface GroupListing<Item extends Listed = Listed> {
  readonly name: string;
  /** Catalogs and metaschemas, in path order. */
  readonly files: readonly Item[];
  readonly manifest: Item | null;
  /** Equal for two listings exactly when nothing that counts was written or deleted in between. */
  readonly identity: string;
  /** Newest time stamp of files and manifest; null when there are none. */
  readonly newestAt: number | null;
  /** Warnings about foreign paths. */
  readonly issues: readonly Issue[];
}

const MAX_NAMED = 20;

/** Sorts a listing into groups. Names that cannot be a group's are passed over. */
export function splitListing<Item extends Listed>(
  objects: readonly Item[],
): ReadonlyMap<string, GroupListing<Item>> {
  const byGroup = new Map<string, Item[]>();
  for (const object of objects) {
    if (!isGroupName(object.group)) continue;
    const members = byGroup.get(object.group);
    if (members === undefined) byGroup.set(object.group, [object]);
    else members.push(object);
  }
  return new Map([...byGroup].map(([name, members]) => [name, describeGroup(name, members)]));
}

/** The listing of a group by the objects that lie in it; without any it is the listing of an empty group. */
export function describeGroup<Item extends Listed>(
  name: string,
  objects: readonly Item[],
): GroupListing<Item> {
  const files: Item[] = [];
  const foreign: { path: string; reason: string }[] = [];
  let manifest: Item | null = null;
  for (const object of objects) {
    const kind = classifyPath(object.path);
    if (kind.kind === 'manifest') manifest = object;
    else if (kind.kind === 'foreign') foreign.push({ path: object.path, reason: kind.reason });
    else if (kind.kind !== 'ignored') files.push(object);
  }
  files.sort(byPath);
  const counted = manifest === null ? files : [...files, manifest];
  return {
    name,
    files,
    manifest,
    identity: counted.map(identify).join('\n'),
    newestAt: counted.reduce<number | null>(
      (newest, { modifiedAt }) => (newest === null || modifiedAt > newest ? modifiedAt : newest),
      null,
    ),
    issues: describeForeign(foreign.sort(byPath)),
  };
}

/** One version of one object. */
export function identify({ path, tag, size, modifiedAt }: Omit<Listed, 'group'>): string {
  return `${path}\0${tag}\0${size}\0${modifiedAt}`;
}

function describeForeign(foreign: readonly { path: string; reason: string }[]): readonly Issue[] {
  const issues = foreign.slice(0, MAX_NAMED).map(({ path, reason }) =>
    sourceIssue({
      code: 'SOURCE_FOREIGN_PATH',
      severity: 'warning',
      path,
      message: `${reason}; it is not read`,
      hint: 'Only catalog/*.properties and datomic/*.edn are read. Move it, or leave it where it is.',
    }),
  );
  const more = foreign.length - MAX_NAMED;
  if (more <= 0) return issues;
  const rest = sourceIssue({
    code: 'SOURCE_FOREIGN_PATH',
    severity: 'warning',
    path: '',
    message: `${more} more foreign paths are not read`,
    hint: 'Only catalog/*.properties and datomic/*.edn are read.',
  });
  return [...issues, rest];
}
