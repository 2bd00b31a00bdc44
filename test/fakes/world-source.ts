import { sha256 } from '../../agent/adapters/sha256.ts';
import { printManifest } from '../../agent/core/manifest.ts';
import type { HoldKind } from '../../agent/core/types.ts';
import { makeManifest } from '../support/manifest.ts';
import { sourceFiles } from '../support/releases.ts';
import type { FakeSource } from './fake-source.ts';

/** Path to text. */
export type Files = Readonly<Record<string, string>>;

/** People and pipelines at the source. */
export interface SourceHand {
  /** As `gatewayctl analytics sync` does, at one instant. */
  sync(files: Files, options?: { readonly group?: string; readonly allow?: readonly HoldKind[] }): void;
  /** Begins a sync and leaves it: half of the files, and the pending manifest. */
  interruptSync(files: Files, options?: { readonly group?: string }): void;
  /** As the original CLI does: no manifest, nothing deleted unless told so. */
  upload(files: Files, options?: { readonly group?: string; readonly isDeleting?: boolean }): void;
  /** All objects of a group are gone. */
  clearSource(group?: string): void;
}

export function createSourceHand(parts: {
  readonly source: FakeSource;
  readonly now: () => number;
  readonly group: string;
}): SourceHand {
  const { source, now } = parts;
  const held = new Map<string, Map<string, string>>();
  const of = (group: string) => {
    const found = held.get(group) ?? new Map<string, string>();
    held.set(group, found);
    return found;
  };
  const put = (group: string, path: string, text: string) => {
    if (of(group).get(path) === text) return;
    of(group).set(path, text);
    source.put(group, path, text);
  };
  const remove = (group: string, path: string) => {
    of(group).delete(path);
    source.remove(group, path);
  };
  const pend = (group: string) =>
    put(
      group,
      'manifest.json',
      printManifest({ kind: 'pending', id: `sync-${now()}`, by: 'maria', at: now() }),
    );

  return {
    sync(files, { group = parts.group, allow = [] } = {}) {
      pend(group);
      for (const [path, text] of Object.entries(files)) put(group, path, text);
      for (const path of [...of(group).keys()])
        if (path !== 'manifest.json' && files[path] === undefined) remove(group, path);
      const manifest = makeManifest({ files: sourceFiles(files), sha256, by: 'maria', at: now(), allow });
      put(group, 'manifest.json', printManifest(manifest));
    },
    interruptSync(files, { group = parts.group } = {}) {
      pend(group);
      const half = Object.entries(files).slice(0, Math.ceil(Object.keys(files).length / 2));
      for (const [path, text] of half) put(group, path, text);
    },
    upload(files, { group = parts.group, isDeleting = false } = {}) {
      for (const [path, text] of Object.entries(files)) put(group, path, text);
      for (const path of [...of(group).keys()])
        if (isDeleting && path !== 'manifest.json' && files[path] === undefined) remove(group, path);
    },
    clearSource(group = parts.group) {
      for (const path of [...of(group).keys()]) remove(group, path);
    },
  };
}
