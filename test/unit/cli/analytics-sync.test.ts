import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../agent/adapters/sha256.ts';
import { snapshotIdOf } from '../../../agent/core/digest.ts';
import { AgentError } from '../../../agent/core/errors.ts';
import { printManifest } from '../../../agent/core/manifest.ts';
import {
  createSyncWorld,
  EVERYTHING,
  FILES,
  LISTED,
  NOW,
  ORDERS,
  PREFIX,
  SHOP,
} from '../../support/sync-world.ts';

const MANIFEST = `${PREFIX}manifest.json`;
const OTHER = 'datomic/other.edn';
const MINUTE = 60_000;

/** A world to which `files` are synced. */
async function synced(files = FILES) {
  const world = await createSyncWorld();
  await world.lay(files);
  expect((await world.sync()).exitCode).toBe(0);
  return { ...world, before: world.bucket.changes.length };
}

describe('a first sync', () => {
  it('uploads all files between a pending and a final manifest', async () => {
    const world = await createSyncWorld();
    await world.lay(FILES);
    const { exitCode, stdout, stderr } = await world.sync();
    expect(world.bucket.changes).toEqual([
      `put ${MANIFEST}`,
      `put ${PREFIX}${SHOP}`,
      `put ${PREFIX}${ORDERS}`,
      `put ${MANIFEST}`,
    ]);
    expect(world.manifest()).toMatchObject({ by: 'maria', at: NOW, allow: [] });
    const id = snapshotIdOf(
      Object.entries(FILES).map(([file, text]) => ({ path: file, bytes: new TextEncoder().encode(text) })),
      sha256,
    );
    expect(stdout).toBe(
      [
        '✓ gate: 2 files, 0 errors, 0 warnings',
        '  + catalog/shop.properties  restart',
        '  + datomic/orders.edn       hot reload',
        `✓ synced ${id.slice(0, 8)} at 12:00:00`,
        '',
      ].join('\n'),
    );
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it('goes below the query group that is named', async () => {
    const world = await createSyncWorld();
    await world.lay(FILES);
    await world.sync(['-q', 'reports']);
    expect(world.bucket.keys()).toContain(`acme/datomic/analytics/reports/etc/${SHOP}`);
  });

  it('asks no one about catalogs that list no databases: nothing was shown before', async () => {
    const world = await createSyncWorld();
    await world.lay({ [SHOP]: EVERYTHING });
    const { stdout, stderr } = await world.sync();
    expect(stdout).not.toContain('shows more');
    expect(stderr).not.toContain('holds');
  });
});

describe('the gate', () => {
  it('comes before everything: what is broken is shown, and AWS not even asked', async () => {
    const world = await createSyncWorld();
    await world.lay({ ...FILES, [ORDERS]: '{:tables {:order/id {}}\n' });
    world.bucket.before(() => {
      throw new Error('S3 was asked');
    });
    const { exitCode, stderr } = await world.sync();
    expect(stderr).toContain('EDN_UNBALANCED');
    expect(stderr).toContain('nothing was uploaded');
    expect(exitCode).toBe(65);
  });

  it('names what it leaves out: links, backups, hidden and foreign files', async () => {
    const world = await createSyncWorld();
    await world.lay({ ...FILES, 'datomic/orders.edn~': 'x', 'datomic/.hidden.edn': 'x', 'README.md': 'x' });
    await symlink('orders.edn', path.join(world.directory, 'datomic/link.edn'));
    const { exitCode, stderr } = await world.sync();
    expect(stderr).toContain('left out: datomic/orders.edn~ (an editor’s own file)');
    for (const name of ['datomic/link.edn (a symbolic link)', 'datomic/.hidden.edn', 'README.md']) {
      expect(stderr).toContain(name);
    }
    expect(exitCode).toBe(0);
    expect(world.bucket.keys().filter((key) => key.startsWith(PREFIX))).toHaveLength(3);
  });
});

describe('a later sync', () => {
  it('of the same files puts the manifest alone', async () => {
    const { bucket, sync, before } = await synced();
    let reads = 0;
    bucket.before((call, key) => {
      if (call === 'read' && key !== MANIFEST) reads += 1;
    });
    const { stdout } = await sync();
    expect(stdout).toContain('nothing to change: 2 files as they should be');
    expect(bucket.changes.slice(before)).toEqual([`put ${MANIFEST}`]);
    expect(reads).toBe(0);
  });

  it('uploads only what changed by content, and says what it means', async () => {
    const { bucket, sync, lay, before } = await synced();
    await lay({
      [SHOP]: `# a comment\n${LISTED}`,
      [ORDERS]: '{:tables {:order/id {} :line/id {}}}\n',
      [OTHER]: '{:tables {:other/id {}}}\n',
    });
    const { stdout } = await sync();
    expect(stdout).toContain('~ catalog/shop.properties  no effect · only comments, order or spacing differ');
    expect(stdout).toContain('~ datomic/orders.edn       hot reload · table :line/id added');
    expect(stdout).toContain('+ datomic/other.edn        hot reload');
    expect(bucket.changes.slice(before)).toHaveLength(5);
  });

  it('believes the manifest only for the very version that it names', async () => {
    const { bucket, sync, before } = await synced();
    // Another tool puts other content of the same length.
    bucket.put(`${PREFIX}${SHOP}`, LISTED.replace('shop', 'shed'));
    await sync();
    expect(bucket.text(`${PREFIX}${SHOP}`)).toBe(LISTED);
    expect(bucket.changes.slice(before)).toEqual([
      `put ${MANIFEST}`,
      `put ${PREFIX}${SHOP}`,
      `put ${MANIFEST}`,
    ]);
  });

  it('compares by content where there is no manifest', async () => {
    const { bucket, sync, before } = await synced();
    bucket.drop(MANIFEST);
    await sync();
    expect(bucket.changes.slice(before)).toEqual([`put ${MANIFEST}`]);
  });

  it('deletes last, and never views or what nobody reads', async () => {
    const { bucket, sync, lay, before } = await synced({ ...FILES, [OTHER]: '{:tables {:other/id {}}}\n' });
    bucket.put(`${PREFIX}datomic/views/v.edn`, 'x');
    bucket.put(`${PREFIX}README`, 'x');
    await lay({ ...FILES, [ORDERS]: '{:tables {:order/number {}}}\n' });
    const { stdout, stderr } = await sync();
    expect(stdout).toContain('  - datomic/other.edn   delete\n');
    expect(stderr).toBe('gatewayctl: left alone in the bucket, since no gateway reads it: README\n');
    expect(bucket.changes.slice(before)).toEqual([
      `put ${MANIFEST}`,
      `put ${PREFIX}${ORDERS}`,
      `delete ${PREFIX}${OTHER}`,
      `put ${MANIFEST}`,
    ]);
    expect(bucket.keys()).toContain(`${PREFIX}datomic/views/v.edn`);
  });

  it('changes nothing with --dry-run', async () => {
    const { bucket, sync, lay, before } = await synced();
    await lay({ [SHOP]: EVERYTHING });
    const { exitCode, stdout } = await sync(['--dry-run']);
    expect(stdout).toContain('- datomic/orders.edn');
    expect(stdout).toContain('! catalog/shop.properties shows more than before');
    expect([exitCode, bucket.changes.length]).toEqual([0, before]);
  });

  it('says what it did as one line of JSON', async () => {
    const { sync, lay } = await synced();
    await lay({ [SHOP]: LISTED, [OTHER]: '{:tables {:other/id {}}}\n' });
    const { stdout } = await sync(['--json', '-y']);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'synced',
      system: 'acme',
      group: 'acme',
      uploaded: [OTHER],
      deleted: [ORDERS],
      unchanged: 1,
      allow: ['deletion'],
    });
  });
});

describe('what needs a person', () => {
  it('is asked at the terminal, and a yes allows exactly that', async () => {
    const { sync, lay, manifest } = await synced();
    await lay({ [SHOP]: EVERYTHING });
    const { exitCode, stderr } = await sync([], { answer: 'y' });
    expect(stderr).toContain('Sync to acme (group acme)? [y/N] ');
    expect(exitCode).toBe(0);
    expect(manifest().allow).toEqual(['deletion', 'exposure']);
  });

  it('is not uploaded after a no', async () => {
    const { sync, lay, bucket, before } = await synced();
    await lay({ [SHOP]: LISTED });
    const { exitCode, stderr } = await sync([], { answer: '' });
    expect(stderr).toContain('declined: nothing was uploaded');
    expect([exitCode, bucket.changes.length]).toEqual([65, before]);
  });

  it('is left to the gateway where nobody can be asked', async () => {
    const { sync, lay, manifest } = await synced();
    await lay({ [SHOP]: EVERYTHING });
    const { exitCode, stderr } = await sync();
    expect(stderr).toContain(
      'the gateway keeps datomic/orders.edn live until a person agrees: --allow-delete',
    );
    expect(stderr).toContain('until a person agrees that catalog/shop.properties shows more: --expose-all');
    expect(exitCode).toBe(0);
    expect(manifest().allow).toEqual([]);
  });

  it.each([
    [['--allow-delete'], ['deletion']],
    [['--expose-all'], ['exposure']],
    [['--yes'], ['deletion', 'exposure']],
  ])('is allowed by %s without a question', async (args, allowed) => {
    const { sync, lay, manifest } = await synced();
    await lay({ [SHOP]: EVERYTHING });
    expect((await sync(args)).exitCode).toBe(0);
    expect(manifest().allow).toEqual(allowed);
  });

  it('is nothing when a catalog shows less', async () => {
    const { sync, lay } = await synced({ ...FILES, [SHOP]: EVERYTHING });
    await lay(FILES);
    const { stdout, stderr } = await sync([], { answer: 'n' });
    expect(stdout).toContain('✓ catalog/shop.properties shows less than before');
    expect(stderr).toBe('');
  });
});

describe('the lock', () => {
  const pending = (at: number) => printManifest({ kind: 'pending', id: 'x', by: 'bob', at });

  it('of another sync is respected, with its holder and age', async () => {
    const { bucket, sync, before } = await synced();
    bucket.put(MANIFEST, pending(NOW), NOW - 2 * MINUTE);
    const { exitCode, stderr } = await sync();
    expect(stderr).toBe(
      'gatewayctl: bob holds the lock since 11:58:00 (2 m); until that sync ends the gateway stays as it is. Wait for it, or if it was interrupted, take over with --take-over.   [75]\n',
    );
    expect([exitCode, bucket.changes.length]).toEqual([75, before]);
  });

  it.each([
    ['with --take-over', 2 * MINUTE, ['--take-over']],
    ['by itself after 15 minutes', 15 * MINUTE, []],
  ])('is taken over %s, and said so', async (_title, ageMs, args) => {
    const { bucket, sync, manifest } = await synced();
    bucket.put(MANIFEST, pending(NOW), NOW - ageMs);
    const { exitCode, stderr } = await sync(args);
    expect(stderr).toContain('a sync by bob is pending since');
    expect(exitCode).toBe(0);
    expect(manifest().by).toBe('maria');
  });

  it('that someone else takes in between is lost to them, and they are named', async () => {
    const { bucket, sync, lay } = await synced();
    await lay({ ...FILES, [OTHER]: '{:tables {:other/id {}}}\n' });
    bucket.before((call, key) => {
      if (call !== 'write' || key !== MANIFEST) return;
      bucket.before(null);
      bucket.put(MANIFEST, pending(NOW));
    });
    const { exitCode, stderr } = await sync();
    expect(stderr).toContain('someone else synced meanwhile: bob at 12:00:00Z');
    expect(exitCode).toBe(75);
    expect(bucket.text(`${PREFIX}${OTHER}`)).toBeNull();
  });

  it('is given back when another tool wrote between listing and lock', async () => {
    const { bucket, sync, lay } = await synced();
    await lay({ ...FILES, [OTHER]: '{:tables {:other/id {}}}\n' });
    const manifest = bucket.text(MANIFEST);
    bucket.before((call, key) => {
      if (call !== 'write' || key !== MANIFEST) return;
      bucket.before(null);
      bucket.put(`${PREFIX}${ORDERS}`, '{:tables {:order/mine {}}}');
    });
    const { exitCode, stderr } = await sync();
    expect(stderr).toContain('someone else changed datomic/orders.edn meanwhile');
    expect(exitCode).toBe(75);
    expect(bucket.text(MANIFEST)).toBe(manifest);
    expect(bucket.text(`${PREFIX}${OTHER}`)).toBeNull();
  });

  it('that was taken over in the middle leaves the end to the other', async () => {
    const { bucket, sync, lay } = await synced();
    await lay({ ...FILES, [OTHER]: '{:tables {:other/id {}}}\n' });
    bucket.before((call, key) => {
      if (call === 'write' && key === `${PREFIX}${OTHER}`) bucket.put(MANIFEST, pending(NOW));
    });
    const { exitCode, stderr } = await sync();
    expect(stderr).toBe(
      'gatewayctl: someone else synced meanwhile: bob at 12:00:00Z. Look at their change, then sync again.   [75]\n',
    );
    expect(exitCode).toBe(75);
    expect(bucket.text(MANIFEST)).toBe(pending(NOW));
  });

  it('is looked at again by a machine that slept, before it changes anything more', async () => {
    const { bucket, sync, lay } = await synced();
    await lay({ ...FILES, [OTHER]: '{:tables {:other/id {}}}\n' });
    let now = NOW;
    let locks = 0;
    bucket.before((call, key) => {
      if (call === 'write' && key === MANIFEST) locks += 1;
      // After its lock and before its first upload: asleep, and taken over meanwhile.
      if (locks === 1 && call === 'list') {
        locks += 1;
        now += 16 * MINUTE;
        bucket.put(MANIFEST, pending(NOW));
      }
    });
    const { exitCode, stderr } = await sync([], { now: () => now });
    expect(stderr).toContain('someone else synced meanwhile: bob');
    expect(exitCode).toBe(75);
    expect(bucket.text(`${PREFIX}${OTHER}`)).toBeNull();
    expect(bucket.text(MANIFEST)).toBe(pending(NOW));
  });
});

describe('a sync that is interrupted', () => {
  const change = { [SHOP]: LISTED.replace('shop', 'shed'), [OTHER]: '{:tables {:other/id {}}}\n' };
  const fault = () =>
    new AgentError('AWS_UNREACHABLE', 'service does not answer', { fields: { reason: 'ECONNRESET' } });

  it('by a fault at any call leaves the old configuration in force, and the next one ends it', async () => {
    for (let failing = 1; failing <= 40; failing += 1) {
      const world = await synced();
      await world.lay(change);
      let count = 0;
      world.bucket.before(() => {
        count += 1;
        if (count >= failing) throw fault();
      });
      const { exitCode, stderr } = await world.sync(['-y']);
      world.bucket.before(null);
      if (exitCode === 0) {
        expect(failing).toBeGreaterThan(8);
        return;
      }
      expect(exitCode).toBe(75);
      expect(stderr).toMatch(/^gatewayctl: [^\n]+ {3}\[75\]\n$/);
      const manifest = world.bucket.text(MANIFEST) ?? '';
      const isTouched = world.bucket.changes.slice(world.before).some((line) => !line.endsWith(MANIFEST));
      // Either nothing was changed, or the gateway is told to wait.
      expect(isTouched && !manifest.includes('"pending"')).toBe(false);
      if (manifest.includes('"pending"')) {
        expect(stderr).toContain('the gateway stays as it was');
        const next = await world.sync(['-y']);
        expect(next.stderr).toContain('maria holds the lock since 12:00:00');
      }
      expect((await world.sync(['-y', '--take-over'])).exitCode).toBe(0);
      expect(world.manifest().files.map(({ path: file }) => file)).toEqual([SHOP, OTHER]);
      expect(world.bucket.text(`${PREFIX}${ORDERS}`)).toBeNull();
    }
    throw new Error('no sync came through');
  });

  it('by Ctrl-C says so, and how to finish', async () => {
    const world = await synced();
    await world.lay(change);
    const interrupt = new AbortController();
    world.bucket.before((call, key) => {
      if (call !== 'write' || key !== `${PREFIX}${OTHER}`) return;
      interrupt.abort();
      throw fault();
    });
    const { exitCode, stderr } = await world.sync(['-y'], { interrupt });
    expect(stderr).toBe(
      'gatewayctl: interrupted; the sync is half done, and the gateway stays as it was. Finish it with the same command and --take-over.   [75]\n',
    );
    expect(exitCode).toBe(75);
  });

  it('without leave to write changes nothing', async () => {
    const world = await synced();
    await world.lay(change);
    world.bucket.before((call, key) => {
      if (call !== 'write') return;
      throw new AgentError('OPERATOR_DENIED', 'access denied', {
        fields: { call: 's3:PutObject', resource: `s3://acme-bucket/${key}` },
      });
    });
    const { exitCode, stderr } = await world.sync(['-y']);
    expect(stderr).toContain(
      'access denied: no right to s3:PutObject on s3://acme-bucket/acme/datomic/analytics',
    );
    expect(exitCode).toBe(77);
  });
});

describe('an answer that is lost', () => {
  it('is no other person: what lies there is our own', async () => {
    const world = await synced();
    await world.lay({ ...FILES, [OTHER]: '{:tables {:other/id {}}}\n' });
    // The SDK tries again after a lost answer, and then its first try is in the way.
    const { write } = world.bucket;
    Object.assign(world.bucket, {
      write: async (...args: Parameters<typeof write>) => {
        await write(...args);
        return null;
      },
    });
    expect((await world.sync()).exitCode).toBe(0);
    expect(world.manifest().files).toHaveLength(3);
  });
});
