import { identifyInGroup } from '../core/source/group.ts';
import { describeGroup, type GroupListing, splitListing } from '../core/source/listing.ts';
import { isGroupName } from '../core/source/path.ts';
import { noteListing, type Settling } from '../core/source/settle.ts';
import type { Clock, ConfigSource, ListedObject } from '../ports.ts';

/** One complete listing, and how long each group has been the same. */
export interface Listing {
  readonly startedAt: number;
  readonly groups: ReadonlyMap<string, GroupListing<ListedObject>>;
  readonly settling: ReadonlyMap<string, Settling>;
  /** Identities of all objects of all groups. */
  readonly identities: ReadonlySet<string>;
}

/**
 * Lists the source. `names` are groups that are there even when nothing lies in them; `only` leaves out all others.
 */
export async function listGroups(options: {
  readonly source: ConfigSource;
  readonly clock: Clock;
  readonly names: readonly string[];
  readonly only: string | null;
  readonly before: ReadonlyMap<string, Settling>;
  readonly signal: AbortSignal;
}): Promise<Listing> {
  const { source, clock, only, before, signal } = options;
  const startedAt = clock.now();
  const objects = await source.list(signal);
  const endedAt = clock.now();
  const wanted = only === null ? objects : objects.filter(({ group }) => group === only);
  const groups = new Map(splitListing(wanted));
  for (const name of options.names) {
    if (!groups.has(name)) groups.set(name, describeGroup<ListedObject>(name, []));
  }
  const settling = new Map<string, Settling>();
  for (const [name, { identity }] of groups) {
    settling.set(name, noteListing(before.get(name) ?? null, { identity, startedAt, endedAt }));
  }
  const identities = new Set(
    wanted.filter(({ group }) => isGroupName(group)).map((object) => identifyInGroup(object.group, object)),
  );
  return { startedAt, groups, settling, identities };
}
