import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../agent/adapters/sha256.ts';
import { snapshotIdOf } from '../../../agent/core/digest.ts';
import type { Status } from '../../../agent/core/status.ts';
import { condition, statusDocument } from '../../fakes/status.ts';
import { createSyncWorld, FILES, NOW, ORDERS } from '../../support/sync-world.ts';

const ID = snapshotIdOf(
  Object.entries(FILES).map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) })),
  sha256,
);
const release = (snapshot: string, digest = 'd'.repeat(64)) => ({
  digest,
  snapshot,
  at: '2026-01-01T12:00:00.000Z',
  by: 'maria',
});
const earlier = () =>
  statusDocument({ source: { ...statusDocument().source, group: 'acme' }, reason: 'nothing to do' });
const notProven = (reason: string, message: string) => [{ ...condition('Proven', 'False', message), reason }];
const wanted = (overrides: Partial<Status>): Status => ({ ...earlier(), desired: release(ID), ...overrides });

/** Syncs with `--wait`, while a gateway puts these statuses at these seconds after the beginning. */
async function follow(
  statuses: readonly (readonly [number, Status])[],
  options: {
    readonly args?: readonly string[];
    readonly first?: Status | null;
    readonly firstAgoMs?: number;
  } = {},
) {
  const world = await createSyncWorld();
  await world.lay(FILES);
  const { first = earlier(), firstAgoMs = 60_000 } = options;
  if (first !== null) world.putStatus(first, NOW - firstAgoMs);
  let now = NOW;
  const left = [...statuses];
  const onSleep = (ms: number) => {
    now += ms;
    while (left[0] !== undefined && NOW + left[0][0] * 1_000 <= now) {
      const [, status] = left.shift() ?? [0, earlier()];
      world.putStatus(status, now);
    }
    return true;
  };
  const run = await world.sync(['--wait', ...(options.args ?? [])], { now: () => now, onSleep });
  return { ...run, seconds: (now - NOW) / 1_000 };
}

describe('sync --wait', () => {
  it('follows until the snapshot is proven, and tells how long SQL was away', async () => {
    const lastRestart = {
      id: null,
      reason: 'catalog changed',
      outcome: 'done',
      at: '2026-01-01T12:00:05.000Z',
      drainMs: 0,
      stopMs: 1_000,
      startMs: 10_000,
      queriesKilled: [],
    } as const;
    const { exitCode, stdout, stderr } = await follow([
      [3, wanted({ reason: 'drains' })],
      [5, wanted({ effective: release(ID), reason: 'starts' })],
      [
        30,
        wanted({
          effective: release(ID),
          proven: release(ID),
          analytics: { ...earlier().analytics, lastRestart },
        }),
      ],
    ]);
    expect(stdout).toMatch(
      /✓ synced [0-9a-f]{8} at 12:00:00\n✓ proven 12:00:30 \(SQL was away for 11 s\)\n$/,
    );
    expect(stderr).toBe('gatewayctl: live 12:00:05\n');
    expect(exitCode).toBe(0);
  });

  it('ends at once when the gateway refuses it, with the line and what to do', async () => {
    const issue = {
      code: 'CATALOG_CONNECTOR',
      severity: 'error',
      path: 'catalog/shop.properties',
      line: 1,
      column: 1,
      message: 'connector is not allowed',
      hint: 'Use datomic.',
    } as const;
    const refused = {
      snapshot: ID,
      reason: '1 error',
      issues: [issue],
      at: '2026-01-01T12:00:02.000Z',
      by: 'maria',
    };
    const { exitCode, stdout, seconds } = await follow([[4, { ...earlier(), refused }]]);
    expect(stdout).toContain(
      '✗ refused: 1 error\n  catalog/shop.properties:1:1  connector is not allowed. Use',
    );
    expect([exitCode, seconds]).toEqual([65, 4]);
  });

  it('says what is held, and how to agree', async () => {
    const hold = {
      kind: 'exposure',
      snapshot: ID,
      paths: ['catalog/shop.properties'],
      reason: 'shows more',
      at: '',
    } as const;
    const { exitCode, stdout } = await follow([[4, { ...earlier(), held: [hold] }]]);
    expect(stdout).toContain('✗ held until a person agrees: shows more\n  sync again with --expose-all');
    expect(exitCode).toBe(65);
  });

  it('takes kept files for a proof with a remark: the rest is live', async () => {
    const hold = {
      kind: 'deletion',
      snapshot: ID,
      paths: ['datomic/a.edn'],
      reason: 'gone',
      at: '',
    } as const;
    const { exitCode, stdout } = await follow([
      [4, wanted({ effective: release(ID), proven: release(ID), held: [hold] })],
    ]);
    expect(stdout).toContain('! kept live: datomic/a.edn; --allow-delete lets it go');
    expect(exitCode).toBe(0);
  });

  it.each([
    ['True', 'Seen', '✓ the metaschema has made its tables'],
    ['False', 'Missing', '! datomic/orders.edn makes no table: orders lacks :order/id'],
    ['Unknown', 'NotYetSeen', '! the tables of datomic/orders.edn have not appeared yet'],
  ] as const)('says whether the tables are there: %s %s', async (status, reason, line) => {
    const effect = { ...condition('MetaschemaEffect', status, line.slice(2)), reason };
    const proven = wanted({ effective: release(ID), proven: release(ID), conditions: [effect] });
    const { exitCode, stdout } = await follow([[4, proven]]);
    expect(stdout).toMatch(new RegExp(`✓ proven 12:00:04\\n${line}\\n$`));
    expect(exitCode).toBe(0);
    const json = await follow([[4, proven]], { args: ['--json'] });
    expect(JSON.parse(json.stdout)).toMatchObject({
      outcome: 'proven',
      effect: { status, reason, message: line.slice(2) },
    });
  });

  it('shows the engine’s last lines when it was rolled back', async () => {
    const entry = {
      fingerprint: 'f',
      digest: 'd'.repeat(64),
      reason: 'engine refused catalog shop',
      log: ['ERROR No factory for connector'],
      at: '',
      retryAt: null,
    };
    const { exitCode, stdout } = await follow([
      [9, wanted({ quarantined: [entry], conditions: notProven('RolledBack', 'failed') })],
    ]);
    expect(stdout).toContain(
      '✗ rolled back: engine refused catalog shop\n  ERROR No factory for connector\n',
    );
    expect(exitCode).toBe(69);
  });

  it('does not take an answer from before the sync for one to it, but believes it after a while', async () => {
    const first = wanted({ effective: release(ID), proven: release(ID) });
    const { exitCode, seconds } = await follow([], { first });
    expect([exitCode, seconds]).toEqual([0, 15]);
  });

  it('says when the gateway is paused', async () => {
    const paused = { at: '', by: 'tom', reason: 'audit', until: null };
    const { exitCode, stdout } = await follow([[2, { ...earlier(), paused }]]);
    expect(stdout).toContain('the gateway is paused by tom');
    expect(exitCode).toBe(75);
  });

  it('gives up after the time it was given: 69 when a gateway works on it', async () => {
    const { exitCode, stderr, seconds } = await follow([[2, wanted({ reason: 'waits for spacing' })]], {
      args: ['--wait-timeout', '90s'],
    });
    expect(stderr).toContain('synced, but not proven after 1 m 30 s: waits for spacing. Go on looking with');
    expect([exitCode, seconds]).toEqual([69, 90]);
  });

  it.each([
    ['no gateway has ever said anything', null, 0],
    ['the only one fell silent an hour ago', earlier(), 3_600_000],
  ])('gives up after a minute where %s', async (_title, first, firstAgoMs) => {
    const { exitCode, stderr, seconds } = await follow([], { first, firstAgoMs });
    expect(stderr).toContain('synced, but no gateway has taken it after 1 m');
    expect([exitCode, seconds]).toEqual([75, 60]);
  });

  it('says what came of it as one line of JSON', async () => {
    const { exitCode, stdout } = await follow(
      [[4, wanted({ effective: release(ID), proven: release(ID) })]],
      {
        args: ['--json'],
      },
    );
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'proven',
      snapshot: ID,
      uploaded: [expect.any(String), ORDERS],
    });
    expect(exitCode).toBe(0);
  });
});
