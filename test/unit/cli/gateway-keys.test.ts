import { describe, expect, it } from 'vitest';
import { type KeysWork, renewKeys } from '../../../agent/cli/keys/renew.ts';
import { readKeyFile } from '../../../agent/core/access/key-file.ts';
import { keyOfLine, writeKeys } from '../../../agent/core/access-key.ts';
import type { KeyMaker } from '../../../agent/ports/keys.ts';
import { createFakeObjects } from '../../fakes/fake-objects.ts';

const PRIVATE = 'acme/datomic/access/private-keys/bastion';
const PUBLIC = 'acme/datomic/access/public-keys/bastion.pub';
const OWN = `ssh-rsa ${'B'.repeat(60)} maria@laptop`;
const publicOf = (name: string) => `ssh-ed25519 ${name.padEnd(68, 'A')}`;

/** Pairs whose private half is a name and whose public half is made from it. */
function createNamedMaker(): KeyMaker {
  let count = 0;
  return {
    make: async () => {
      count += 1;
      return { privateKey: `new${count}`, publicKey: publicOf(`new${count}`) };
    },
    derive: async (privateKey) => (privateKey === 'broken' ? null : publicOf(privateKey)),
  };
}

function world(objects: Readonly<Record<string, string>> = {}) {
  const bucket = createFakeObjects('acme-bucket');
  for (const [key, text] of Object.entries(objects)) bucket.put(key, text);
  const maker = createNamedMaker();
  const { signal } = new AbortController();
  const renew = (overrides: Partial<KeysWork> = {}) =>
    renewKeys({
      bucket,
      system: 'acme',
      maker,
      isRotation: false,
      waitForInstall: async () => undefined,
      signal,
      ...overrides,
    });
  const letsIn = () => (bucket.text(PUBLIC) ?? '').split('\n').flatMap((line) => keyOfLine(line) ?? []);
  return { bucket, renew, letsIn };
}

describe('gateway keys', () => {
  it('makes a pair where there is none, the public half first', async () => {
    const { bucket, renew, letsIn } = world();
    expect(await renew()).toEqual({ outcome: 'made', publicKey: publicOf('new1') });
    expect(bucket.changes).toEqual([`put ${PUBLIC}`, `put ${PRIVATE}`]);
    expect(bucket.text(PUBLIC)).toBe(`${publicOf('new1')} gatewayctl:acme\n`);
    expect(letsIn()).toEqual([publicOf('new1')]);
  });

  it('adopts the private half of the original, and never touches it', async () => {
    const { bucket, renew, letsIn } = world({ [PRIVATE]: 'old' });
    expect(await renew()).toMatchObject({ outcome: 'adopted' });
    expect(bucket.changes).toEqual([`put ${PUBLIC}`]);
    expect(letsIn()).toEqual([publicOf('old')]);
  });

  it('done twice does nothing the second time', async () => {
    const { bucket, renew } = world();
    await renew();
    expect(await renew()).toMatchObject({ outcome: 'unchanged' });
    expect(bucket.changes).toHaveLength(2);
  });

  it('keeps lines that a person added', async () => {
    const { bucket, renew } = world({ [PRIVATE]: 'old', [PUBLIC]: `# ours\n${OWN}\n` });
    expect(await renew()).toMatchObject({ outcome: 'repaired' });
    await renew({ isRotation: true });
    expect(bucket.text(PUBLIC)).toBe(`# ours\n${OWN}\n${publicOf('new1')} gatewayctl:acme\n`);
  });

  it('does not guess what a private half is that it cannot read', async () => {
    const { bucket, renew } = world({ [PRIVATE]: 'broken' });
    await expect(renew({ isRotation: true })).rejects.toMatchObject({ exitCode: 69 });
    expect(bucket.changes).toEqual([]);
  });

  it('says when someone else was faster', async () => {
    const { bucket, renew } = world({ [PRIVATE]: 'old' });
    bucket.before((call) => {
      if (call === 'write') bucket.put(PUBLIC, OWN);
    });
    await expect(renew()).rejects.toMatchObject({ exitCode: 75 });
  });
});

describe('a rotation', () => {
  it('lets both keys in before it hands out the new one, and the old one no longer at its end', async () => {
    const { renew, letsIn, bucket } = world({ [PRIVATE]: 'old', [PUBLIC]: publicOf('old') });
    let during: readonly string[] = [];
    const waitForInstall = async () => {
      during = [bucket.text(PRIVATE) ?? '', ...letsIn()];
    };
    expect(await renew({ isRotation: true, waitForInstall })).toMatchObject({ outcome: 'rotated' });
    expect(during).toEqual(['old', publicOf('old'), publicOf('new1')]);
    expect([bucket.text(PRIVATE), ...letsIn()]).toEqual(['new1', publicOf('new1')]);
  });

  it('that ends at any call leaves a pair that works, and the next call tidies up', async () => {
    for (let failing = 1; failing <= 6; failing += 1) {
      const { bucket, renew, letsIn } = world({ [PRIVATE]: 'old', [PUBLIC]: publicOf('old') });
      let count = 0;
      bucket.before(() => {
        count += 1;
        if (count === failing) throw new Error('ended');
      });
      const isDone = await renew({ isRotation: true }).then(
        () => true,
        () => false,
      );
      bucket.before(null);
      const handedOut = bucket.text(PRIVATE) ?? '';
      expect(letsIn()).toContain(publicOf(handedOut));
      expect(isDone).toBe(failing === 6);
      await renew();
      expect(letsIn()).toEqual([publicOf(handedOut)]);
    }
  });
});

it('the gateway takes every line that is written, in a rotation both', () => {
  const keys = ['A', 'B'].map((name) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${name.repeat(43)}`);
  const text = writeKeys('# of a person\n', keys, 'acme');
  const { keys: taken, ignored } = readKeyFile(text);
  expect(taken.map(({ type, blob }) => `${type} ${blob}`)).toEqual(keys);
  expect(ignored).toEqual([]);
});
