import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createDirectoryConfigSource } from '../../agent/adapters/directory-source.ts';
import { createS3ConfigSource } from '../../agent/adapters/s3-source.ts';
import { createFakeSource } from '../fakes/fake-source.ts';
import { createBucket, createTestClient } from '../support/moto.ts';
import { describeConfigSource } from './config-source.ts';

const GROUP = 'acme';

const createS3Harness = async (suffix: string, prefix: string) => {
  const bucket = await createBucket();
  const client = createTestClient(bucket.endpoint);
  const create = (name: string) =>
    createS3ConfigSource({ client, uri: `s3://${name}${suffix}`, system: 'acme', group: GROUP });
  return {
    source: create(bucket.name),
    group: GROUP,
    missing: create(`${bucket.name}-not`),
    put: (name: string, content: string | Uint8Array) => bucket.put(prefix + name, content),
    remove: (name: string) => bucket.remove(prefix + name),
    close: async () => client.destroy(),
  };
};

describeConfigSource('S3, original layout', () => createS3Harness('', 'acme/datomic/analytics/acme/etc/'));

describeConfigSource('S3, bare prefix', () => createS3Harness('/some/prefix/', 'some/prefix/'));

describeConfigSource('directory', async () => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'gateway-source-'));
  const create = (directory: string) =>
    createDirectoryConfigSource({ uri: pathToFileURL(directory).href, group: GROUP });
  return {
    source: create(root),
    group: GROUP,
    missing: create(path.join(root, 'not', 'there')),
    async put(name, content) {
      const file = path.join(root, name);
      await mkdir(path.dirname(file), { recursive: true });
      // Beside the source, not inside: nobody may see the unfinished file.
      const unfinished = `${root}.${randomUUID()}`;
      await writeFile(unfinished, content);
      await rename(unfinished, file);
    },
    remove: (name) => rm(path.join(root, name)),
    close: () => rm(root, { recursive: true }),
  };
});

describeConfigSource('fake', async () => {
  const source = createFakeSource({ now: Date.now });
  return {
    source,
    group: GROUP,
    missing: null,
    put: async (name, content) => source.put(GROUP, name, content),
    remove: async (name) => source.remove(GROUP, name),
    close: async () => undefined,
  };
});
