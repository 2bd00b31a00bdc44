/** People and pipelines at the bucket: plain HTTP to the server, past the agent's proxy and without its client. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { sha256 } from '../../agent/adapters/sha256.ts';
import { printManifest } from '../../agent/core/manifest.ts';
import type { HoldKind } from '../../agent/core/types.ts';
import type { Files } from '../fakes/world-source.ts';
import { makeManifest } from '../support/manifest.ts';
import { sourceFiles } from '../support/releases.ts';

export interface BucketHand {
  /** As `gatewayctl analytics sync` does. */
  sync(files: Files, allow?: readonly HoldKind[]): Promise<void>;
  /** A sync that stops in the middle. */
  interruptSync(files: Files): Promise<void>;
  /** As the original CLI does: no manifest. */
  upload(files: Files): Promise<void>;
  /** All catalogs, or all metaschemas, are gone. */
  removeDirectory(directory: 'catalog' | 'datomic'): Promise<void>;
  /** Objects and bytes below a prefix. */
  measure(prefix: string): Promise<{ readonly objects: number; readonly bytes: number }>;
}

const MANIFEST = 'manifest.json';
/** moto looks at who asks, not at the signature. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0';

export function createBucketHand(options: {
  readonly endpoint: string;
  readonly bucket: string;
  /** Of the etc directory, with a slash at its end. */
  readonly prefix: string;
  readonly now: () => number;
}): BucketHand {
  const { endpoint, bucket, prefix, now } = options;
  const held = new Map<string, string>();

  const ask = async (method: string, path: string, body = ''): Promise<string> => {
    const headers = { authorization: AUTHORIZATION };
    const sent = request(`${endpoint}/${bucket}${path}`, { method, headers, agent: false });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const text = Buffer.concat(await answer.toArray()).toString();
    if ((answer.statusCode ?? 500) >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return text;
  };
  const put = async (name: string, text: string) => {
    if (held.get(name) === text) return;
    await ask('PUT', `/${prefix}${name}`, text);
    held.set(name, text);
  };
  const remove = async (name: string) => {
    await ask('DELETE', `/${prefix}${name}`);
    held.delete(name);
  };
  const pend = () =>
    put(MANIFEST, printManifest({ kind: 'pending', id: `sync-${now()}`, by: 'maria', at: now() }));
  const names = () => [...held.keys()].filter((name) => name !== MANIFEST);

  return {
    async sync(files, allow = []) {
      await pend();
      for (const [name, text] of Object.entries(files)) await put(name, text);
      for (const name of names()) if (files[name] === undefined) await remove(name);
      const manifest = makeManifest({ files: sourceFiles(files), sha256, by: 'maria', at: now(), allow });
      await put(MANIFEST, printManifest(manifest));
    },
    async interruptSync(files) {
      await pend();
      for (const [name, text] of Object.entries(files).slice(0, 1)) await put(name, text);
    },
    async upload(files) {
      for (const [name, text] of Object.entries(files)) await put(name, text);
    },
    async removeDirectory(directory) {
      for (const name of names()) if (name.startsWith(`${directory}/`)) await remove(name);
    },
    async measure(below) {
      const xml = await ask('GET', `?list-type=2&prefix=${encodeURIComponent(below)}`);
      const sizes = [...xml.matchAll(/<Size>(\d+)<\/Size>/g)].map(([, size]) => Number(size));
      return { objects: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    },
  };
}
