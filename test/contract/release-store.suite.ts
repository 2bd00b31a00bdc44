import { expect, test } from 'vitest';
import type { Release } from '../../agent/core/release.ts';
import type { Digest } from '../../agent/core/types.ts';
import type { ReleaseStore } from '../../agent/ports.ts';
import { ENGINE_TEXTS, layOut } from '../support/releases.ts';

const numbered = (number: number): Release =>
  layOut({
    ...ENGINE_TEXTS,
    'catalog/orders.properties': `connector.name=datomic\n# ${number}\n`,
    'datomic/orders.edn': '{}',
  });

/** What every release store keeps to. */
export function describeReleaseStore(create: () => Promise<ReleaseStore>): void {
  test('a written release is read back as it was', async () => {
    const store = await create();
    const release = layOut(
      { ...ENGINE_TEXTS, 'catalog/a.properties': 'x=\u0000\u00ff', 'datomic/b.edn': '{}' },
      { kept: ['datomic/b.edn'] },
    );
    await store.write(release);
    expect(await store.read(release.facts.digest)).toEqual(release);
    expect(await store.list()).toEqual([release.facts]);
  });

  test('a release that was never written is null, whatever its name', async () => {
    const store = await create();
    for (const name of ['0'.repeat(64), '../x', '', 'A'.repeat(64)]) {
      expect(await store.read(name as Digest)).toBeNull();
    }
    expect(await store.list()).toEqual([]);
  });

  test('writing a release again changes nothing, not even who asked first', async () => {
    const store = await create();
    const first = layOut({ ...ENGINE_TEXTS }, { at: 1 });
    const again = layOut({ ...ENGINE_TEXTS }, { at: 2 });
    await store.write(first);
    await store.write(again);
    expect(again.facts.digest).toBe(first.facts.digest);
    expect(await store.read(first.facts.digest)).toEqual(first);
  });

  test('a release under another name than its content gives is a bug', async () => {
    const store = await create();
    const release = numbered(1);
    const misnamed = { ...release, facts: { ...release.facts, digest: '0'.repeat(64) as Digest } };
    await expect(store.write(misnamed)).rejects.toMatchObject({ code: 'INVARIANT' });
    expect(await store.list()).toEqual([]);
  });

  test('pruning leaves the newest five and those that are named', async () => {
    const store = await create();
    const releases = Array.from({ length: 9 }, (_, number) => numbered(number));
    for (const release of releases) await store.write(release);
    const digests = releases.map((release) => release.facts.digest);
    await store.prune(digests.slice(1, 2));
    const left = (await store.list()).map((facts) => facts.digest);
    expect(left.toSorted()).toEqual([...digests.slice(1, 2), ...digests.slice(4)].toSorted());
    for (const digest of left) expect(await store.read(digest)).not.toBeNull();
  });

  test('there is no intent until one is written, and the newest replaces it', async () => {
    const store = await create();
    expect(await store.readIntent()).toBeNull();
    await store.write(numbered(1));
    const { digest } = numbered(1).facts;
    await store.writeIntent({ digest, phase: 'publishing' });
    await store.writeIntent({ digest, phase: 'published' });
    expect(await store.readIntent()).toEqual({ digest, phase: 'published' });
  });
}
