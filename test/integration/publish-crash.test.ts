import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLiveEtc } from '../../agent/adapters/live-etc.ts';
import { createReleaseStore } from '../../agent/adapters/release-store.ts';
import { sha256 } from '../../agent/adapters/sha256.ts';
import type { Release } from '../../agent/core/release.ts';
import { createMortalOperations, type DeathMoment } from '../fakes/failing-operations.ts';
import { listPrefixes, readLiveState } from '../support/live-prefixes.ts';
import { ENGINE_TEXTS, layOut } from '../support/releases.ts';
import { makeScratch } from '../support/scratch.ts';

const PATHS = [
  'catalog/a.properties',
  'catalog/b.properties',
  'datomic/a.edn',
  'datomic/b.edn',
  'datomic/c.edn',
] as const;

/** Any set of the paths, each with one of a few contents. */
const anyRelease: fc.Arbitrary<Release> = fc
  .record(
    Object.fromEntries(PATHS.map((path) => [path, fc.constantFrom('1\n', '2\n', 'a longer content\n')])),
    { requiredKeys: [] },
  )
  .chain((texts) =>
    fc
      .constantFrom('-Xmx1g\n', '-Xmx2g\n')
      .map((jvm) => layOut({ ...ENGINE_TEXTS, ...(texts as Record<string, string>), 'jvm.config': jvm })),
  );

const anyDeath = fc.record({
  step: fc.nat(40),
  moment: fc.constantFrom<DeathMoment>('before', 'half', 'after'),
});

test('killed at any step of a publish, the live etc is a prefix of the documented order, and the next publish finishes', async () => {
  await fc.assert(
    fc.asyncProperty(anyRelease, anyRelease, anyDeath, async (from, to, { step, moment }) => {
      const dir = await makeScratch();
      await createLiveEtc({ dir, sha256 }).bring(from);
      const mortal = createMortalOperations(step, moment);
      const dying = createLiveEtc({ dir, sha256, operations: mortal.operations });
      await dying.bring(to).catch((error: unknown) => {
        if (!mortal.isDead()) throw error;
      });
      expect(listPrefixes(from, to)).toContain(await readLiveState(dir));

      const next = createLiveEtc({ dir, sha256 });
      await next.bring(to);
      expect(await readLiveState(dir)).toBe(listPrefixes(from, to).at(-1));
      expect(await next.compare(to)).toEqual([]);
    }),
    { numRuns: 120 },
  );
});

test('each step of one publish, killed in turn, leaves the prefixes one after the other', async () => {
  const from = layOut({ ...ENGINE_TEXTS, 'catalog/a.properties': 'old\n', 'datomic/gone.edn': '{}' });
  const to = layOut({ ...ENGINE_TEXTS, 'catalog/a.properties': 'new\n', 'datomic/new.edn': '{}' });
  const prefixes = listPrefixes(from, to);
  const reached: number[] = [];
  for (let step = 0; ; step += 1) {
    const dir = await makeScratch();
    await createLiveEtc({ dir, sha256 }).bring(from);
    const mortal = createMortalOperations(step, 'after');
    await createLiveEtc({ dir, sha256, operations: mortal.operations })
      .bring(to)
      .catch(() => undefined);
    reached.push(prefixes.indexOf(await readLiveState(dir)));
    if (!mortal.isDead()) break;
  }
  expect(reached).toEqual(reached.toSorted((a, b) => a - b));
  expect([...new Set(reached)]).toEqual(prefixes.map((_, index) => index));
});

test('a publishing process that is really killed leaves what the next one finishes', async () => {
  const dir = await makeScratch();
  const [storeDir, etcDir] = [join(dir, 'store'), join(dir, 'etc')];
  const program = join(dir, 'publisher.mjs');
  await build({
    entryPoints: ['test/fakes/endless-publisher.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  const texts = (content: string, only: string) =>
    Object.fromEntries([...PATHS.slice(0, 3), only].map((path) => [path, `${content} ${path}\n`]));
  const one = layOut({ ...ENGINE_TEXTS, ...texts('one', 'datomic/only-one.edn') });
  const other = layOut({ ...ENGINE_TEXTS, ...texts('other', 'catalog/only-other.properties') });
  const store = createReleaseStore({ dir: storeDir, sha256 });
  await store.write(one);
  await store.write(other);
  await createLiveEtc({ dir: etcDir, sha256 }).bring(one);
  const allowed = new Set([...listPrefixes(one, other), ...listPrefixes(other, one)]);

  const seen = new Set<string>();
  for (let round = 0; round < 12; round += 1) {
    const child = spawn(process.execPath, [program, storeDir, etcDir, one.facts.digest, other.facts.digest], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    // Not waiting for something: any moment of the endless publishing is as good as another.
    await sleep(5 + ((round * 37) % 60));
    child.kill('SIGKILL');
    await once(child, 'exit');

    const state = await readLiveState(etcDir);
    seen.add(state);
    expect(allowed).toContain(state);
    const intended = await store.readIntent();
    const release = intended === null ? one : await store.read(intended.digest);
    if (release === null) throw new Error('the intent names a release that is not there');
    await createLiveEtc({ dir: etcDir, sha256 }).bring(release);
    expect([listPrefixes(null, one).at(-1), listPrefixes(null, other).at(-1)]).toContain(
      await readLiveState(etcDir),
    );
    // Each round begins with `one`, so that the states in between are those of the two transitions.
    await store.writeIntent({ digest: one.facts.digest, phase: 'publishing' });
    await createLiveEtc({ dir: etcDir, sha256 }).bring(one);
  }
  expect(seen.size).toBeGreaterThan(1);
});
