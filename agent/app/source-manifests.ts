import { MAX_MANIFEST_BYTES, type ManifestParse, parseManifest } from '../core/manifest.ts';
import type { GroupListing } from '../core/source/listing.ts';
import type { Clock, ConfigSource, ListedObject } from '../ports.ts';

export interface ReadManifest {
  readonly tag: string;
  readonly size: number;
  readonly parse: ManifestParse;
  /** When its response had arrived. */
  readonly arrivedAt: number;
}

/** The newest manifest of each group that was read, so that none is got twice. */
export interface Manifests {
  /** The poll got these bytes. */
  note(group: string, tag: string, bytes: Uint8Array): ReadManifest;
  /** The manifest as listed; `gone` when it is no longer that version, null when none is listed. */
  read(listing: GroupListing<ListedObject>, signal: AbortSignal): Promise<ReadManifest | 'gone' | null>;
  /** Forgets all groups but these. */
  keep(groups: ReadonlySet<string>): void;
}

export function createManifests(options: {
  readonly source: ConfigSource;
  readonly clock: Clock;
}): Manifests {
  const { source, clock } = options;
  const newest = new Map<string, ReadManifest>();

  const note = (group: string, tag: string, bytes: Uint8Array) => {
    const read = { tag, size: bytes.length, parse: parseManifest(bytes), arrivedAt: clock.now() };
    newest.set(group, read);
    return read;
  };

  return {
    note,
    async read({ name, manifest }, signal) {
      if (manifest === null) return null;
      const known = newest.get(name);
      // A poll cannot know how long a manifest is; other bytes under its tag might hide the lock of a sync.
      if (known?.tag === manifest.tag && known.size === manifest.size) return known;
      if (manifest.size > MAX_MANIFEST_BYTES) {
        const reason = `has ${manifest.size} bytes; at most ${MAX_MANIFEST_BYTES} are read`;
        const refused = { tag: manifest.tag, size: manifest.size, arrivedAt: clock.now() };
        const read: ReadManifest = { ...refused, parse: { kind: 'malformed', reason } };
        newest.set(name, read);
        return read;
      }
      const bytes = await source.read(manifest, signal);
      return bytes === null ? 'gone' : note(name, manifest.tag, bytes);
    },
    keep(groups) {
      for (const name of newest.keys()) if (!groups.has(name)) newest.delete(name);
    },
  };
}
