// Does to a bucket what `gatewayctl analytics sync` does: pending manifest, uploads, deletions, final manifest. And
// the uploader of `make run SOURCE=s3`: a stand-in for a person who types that command after each edit.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { watch } from 'chokidar';

const MANIFEST = 'manifest.json';
/** A save by an editor is several file events; they become one sync. */
const QUIET_MS = 200;

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The configuration files below a directory, path to bytes. */
export async function readFiles(root) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.(properties|edn)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
  const contents = await Promise.all(
    files.map(async (file) => [path.relative(root, file), await readFile(file)]),
  );
  return new Map(contents.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The final manifest of `files`, an object of path to content. */
export function createManifest(files, by) {
  const described = Object.entries(files).map(([file, content]) => [
    file,
    { size: Buffer.byteLength(content), sha256: digest(content) },
  ]);
  return JSON.stringify({
    version: 1,
    files: Object.fromEntries(described),
    by,
    at: new Date().toISOString(),
  });
}

/** Makes the prefix hold exactly `files`. Resolves with the paths that changed; deleted ones begin with `-`. */
export async function syncFiles({ client, bucket, prefix, files, by }) {
  const put = (file, Body) => client.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + file, Body }));
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  const tags = new Map(Contents.map(({ Key, ETag }) => [Key.slice(prefix.length), ETag]));
  tags.delete(MANIFEST);
  const tagOf = (content) => `"${createHash('md5').update(content).digest('hex')}"`;
  const changed = Object.keys(files).filter((file) => tags.get(file) !== tagOf(files[file]));
  const removed = [...tags.keys()].filter((file) => files[file] === undefined);
  if (changed.length + removed.length === 0) return [];

  const pending = { id: String(process.hrtime.bigint()), by, at: new Date().toISOString() };
  await put(MANIFEST, JSON.stringify({ version: 1, pending }));
  for (const file of changed) await put(file, files[file]);
  for (const file of removed)
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + file }));
  await put(MANIFEST, createManifest(files, by));
  return [...changed, ...removed.map((file) => `-${file}`)];
}

/** Syncs the directory `root` now and after each change of it. `say` is called with one sentence per sync. */
export async function startUploader({ client, bucket, prefix, root, say }) {
  const sync = async () => {
    const files = Object.fromEntries(await readFiles(root));
    const touched = await syncFiles({ client, bucket, prefix, files, by: 'uploader' });
    if (touched.length > 0) say(`uploader: synced ${touched.join(' ')}`);
  };
  const report = (error) => say(`uploader: not synced: ${error.message}`);

  // One sync at a time; what changes meanwhile is in the next one.
  let running = Promise.resolve();
  let timer;
  const watcher = watch(root, { ignoreInitial: true }).on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(sync).catch(report);
    }, QUIET_MS);
  });
  // Ready first: an edit between the first sync and the watching would be missed.
  await once(watcher, 'ready');
  await sync();
  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
      await running;
    },
  };
}
