import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

/** Paths relative to the etc directory, with their text. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** The three things that a tool can do to a source. `key` is relative to the etc directory. */
export interface SourceStore {
  put(group: string, key: string, bytes: string | Uint8Array): Promise<void>;
  remove(group: string, key: string): Promise<void>;
  list(group: string): Promise<string[]>;
}

export interface SyncOptions {
  readonly group?: string;
  /** false: as `aws s3 sync` or the original CLI do it, which know nothing of manifests. */
  readonly manifest?: boolean;
  readonly allow?: readonly ('deletion' | 'exposure')[];
  readonly by?: string;
  /** Waits so long after each upload and deletion, so that a half-done sync is there to be seen. */
  readonly gapMs?: number;
}

const MANIFEST = 'manifest.json';
const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The snapshot's name as DESIGN defines it, computed here a second time, independently of the agent. */
export function nameSnapshot(files: Files): string {
  const lines = Object.keys(files)
    .sort()
    .map((file) => `${file}\0${sha256(files[file] ?? '')}\n`);
  return sha256(lines.join(''));
}

/** The final manifest of these files. */
export function createManifest(files: Files, options: SyncOptions = {}): string {
  const entries = Object.entries(files).map(([file, content]) => [
    file,
    { size: Buffer.byteLength(content), sha256: sha256(content) },
  ]);
  return JSON.stringify({
    version: 1,
    files: Object.fromEntries(entries),
    by: options.by ?? 'rig',
    at: new Date().toISOString(),
    ...(options.allow === undefined ? {} : { allow: options.allow }),
  });
}

/** The manifest that locks the source while a sync runs. */
export function createPendingManifest(by = 'rig', at = new Date()): string {
  return JSON.stringify({
    version: 1,
    pending: { id: `rig-${process.hrtime.bigint()}`, by, at: at.toISOString() },
  });
}

/**
 * Makes the source hold exactly `files`, as `gatewayctl analytics sync` does: pending manifest, uploads, deletions,
 * final manifest. Resolves with the name of the snapshot that this is.
 */
export async function syncFiles(
  store: SourceStore,
  group: string,
  files: Files,
  options: SyncOptions,
): Promise<string> {
  const hasManifest = options.manifest ?? true;
  const pause = () => new Promise((resolve) => setTimeout(resolve, options.gapMs ?? 0));
  if (hasManifest) await store.put(group, MANIFEST, createPendingManifest(options.by));
  for (const [file, content] of Object.entries(files)) {
    await store.put(group, file, content);
    await pause();
  }
  for (const file of await store.list(group)) {
    if (file === MANIFEST || file in files) continue;
    await store.remove(group, file);
    await pause();
  }
  if (hasManifest) await store.put(group, MANIFEST, createManifest(files, options));
  return nameSnapshot(files);
}

/** A bucket in the original CLI's layout, on a loopback S3 server. */
export function createBucketStore(options: {
  readonly endpoint: string;
  readonly bucket: string;
  readonly system: string;
}): SourceStore & {
  readonly client: S3Client;
  create(): Promise<void>;
  keyOf(group: string, key: string): string;
} {
  const { bucket: Bucket, system } = options;
  const client = new S3Client({
    endpoint: options.endpoint,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const prefixOf = (group: string) => `${system}/datomic/analytics/${group}/etc/`;
  const keyOf = (group: string, key: string) => prefixOf(group) + key;
  return {
    client,
    keyOf,
    async create() {
      await client.send(
        new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
      );
    },
    async put(group, key, Body) {
      await client.send(new PutObjectCommand({ Bucket, Key: keyOf(group, key), Body }));
    },
    async remove(group, key) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(group, key) }));
    },
    async list(group) {
      const Prefix = prefixOf(group);
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
      return Contents.map(({ Key = '' }) => Key.slice(Prefix.length));
    },
  };
}

/** A local directory; it has no groups. Files are replaced by rename, as a careful editor does. */
export function createDirectoryStore(root: string): SourceStore {
  return {
    async put(_group, key, bytes) {
      const file = path.join(root, key);
      await mkdir(path.dirname(file), { recursive: true });
      const temporary = path.join(path.dirname(root), `.upload-${process.hrtime.bigint()}`);
      await writeFile(temporary, bytes);
      await rename(temporary, file);
    },
    async remove(_group, key) {
      await rm(path.join(root, key));
    },
    async list() {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
    },
  };
}
