import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FinalManifest } from '../../agent/core/manifest.ts';
import { parseManifest } from '../../agent/core/manifest.ts';
import type { Status } from '../../agent/core/status.ts';
import { createFakeAws } from '../fakes/fake-aws.ts';
import { createFakeObjects, type FakeObjects } from '../fakes/fake-objects.ts';
import { type CliRun, runCli } from './cli.ts';
import { makeScratch } from './scratch.ts';

export const NOW = Date.parse('2026-01-01T12:00:00.000Z');
export const PREFIX = 'acme/datomic/analytics/acme/etc/';
export const SHOP = 'catalog/shop.properties';
export const ORDERS = 'datomic/orders.edn';
export const LISTED = 'connector.name=datomic\ndatomic.databases=[shop]\n';
export const EVERYTHING = 'connector.name=datomic\n';
export const FILES: Readonly<Record<string, string>> = {
  [SHOP]: LISTED,
  [ORDERS]: '{:tables {:order/id {}}}\n',
};

type Extra = Omit<NonNullable<Parameters<typeof runCli>[1]>, 'aws'>;

export interface SyncWorld {
  readonly bucket: FakeObjects;
  readonly directory: string;
  /** Makes the directory hold exactly these files. */
  lay(files: Readonly<Record<string, string>>): Promise<void>;
  sync(args?: readonly string[], extra?: Extra): Promise<CliRun>;
  manifest(): FinalManifest;
  putStatus(status: Status, at?: number): void;
}

/** A directory, a bucket in memory and a command line between them. */
export async function createSyncWorld(): Promise<SyncWorld> {
  const bucket = createFakeObjects('acme-bucket', () => NOW);
  const aws = createFakeAws({ buckets: { acme: ['acme-bucket'] }, bucket: () => bucket });
  const directory = path.join(await makeScratch(), 'config');
  return {
    bucket,
    directory,
    async lay(files) {
      await rm(directory, { recursive: true, force: true });
      for (const [file, text] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(directory, file)), { recursive: true });
        await writeFile(path.join(directory, file), text);
      }
    },
    sync: (args = [], extra = {}) =>
      runCli(['analytics', 'sync', 'acme', directory, ...args], {
        now: NOW,
        env: { USER: 'maria' },
        ...extra,
        aws,
      }),
    manifest() {
      const text = bucket.text(`${PREFIX}manifest.json`) ?? '';
      const parsed = parseManifest(new TextEncoder().encode(text));
      if (parsed.kind !== 'final') throw new Error(`no final manifest: ${text}`);
      return parsed;
    },
    putStatus: (status, at = NOW) =>
      bucket.put('acme/datomic/gateway/status/i-1.json', JSON.stringify(status), at),
  };
}
