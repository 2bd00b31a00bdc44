/** The built command line and the built agent with one bucket between them. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PutBucketTaggingCommand } from '@aws-sdk/client-s3';
import { expect, inject, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.ts';
import { type Program, startProgram } from '../support/rig-agent.ts';
import { readObject } from '../support/rig-bucket.ts';
import {
  BILLING,
  CATALOG,
  catalogOf,
  configurationOf,
  FILES,
  metaschemaOf,
  ORDERS,
  waitUntil,
} from '../support/rows.ts';

interface Ground {
  readonly rig: Rig;
  readonly manifest: string;
  lay(files: Readonly<Record<string, string>>): void;
  sync(...args: string[]): Program;
}

async function createGround(): Promise<Ground> {
  const system = `sys-${randomUUID().slice(0, 13)}`;
  const rig = await createRig({ env: { GATEWAY_SYSTEM: system } });
  const Tagging = { TagSet: [{ Key: 'datomic:system', Value: system }] };
  await rig.s3.client.send(new PutBucketTaggingCommand({ Bucket: rig.bucket, Tagging }));
  const directory = path.join(rig.root, 'config');
  const env = { ...rig.env, AWS_ENDPOINT_URL: inject('motoEndpoint'), USER: 'maria' };
  const bundle = path.join(inject('bundleDir'), 'gatewayctl.cjs');
  return {
    rig,
    manifest: `${system}/datomic/analytics/${system}/etc/manifest.json`,
    lay(files) {
      rmSync(directory, { recursive: true, force: true });
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(path.join(directory, path.dirname(file)), { recursive: true });
        writeFileSync(path.join(directory, file), text);
      }
    },
    sync: (...args) =>
      startProgram({
        command: [process.execPath, bundle, 'analytics', 'sync', system, directory, ...args],
        env,
        cwd: rig.root,
      }),
  };
}

it('is followed to its proof, its refusal by the engine, and its hold', async () => {
  const { rig, lay, sync } = await createGround();
  lay(FILES);
  rig.start();
  const first = await sync('--wait').ended(60_000);
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toMatch(/✓ synced [0-9a-f]{8} at [\d:]{8}\n✓ proven [\d:]{8}/);

  lay({ ...FILES, [ORDERS]: metaschemaOf('purchase') });
  expect(await sync('--wait').ended(60_000)).toMatchObject({ code: 0 });
  expect(rig.engineStarts()).toHaveLength(1);

  lay({ ...FILES, [CATALOG]: catalogOf() });
  const held = await sync('--wait').ended(60_000);
  expect(held.stdout).toContain('✗ held until a person agrees: catalog/shop.properties');
  expect(held).toMatchObject({ code: 65 });

  lay({ ...FILES, [CATALOG]: `${catalogOf('shop', 'billing')}stand-in.refuse=true\n` });
  const failed = await sync('--wait').ended(60_000);
  expect(failed.stdout).toContain('✗ rolled back: ');
  expect(failed).toMatchObject({ code: 69 });
  expect((await rig.live()).get(CATALOG)).toContain('datomic.databases=[shop]');
});

it('killed in the middle leaves the old configuration in force; the next one says so, and may finish', async () => {
  const { rig, lay, sync, manifest } = await createGround();
  lay(FILES);
  await sync().ended(60_000);
  rig.start();
  await rig.waitForProven();
  const before = configurationOf(await rig.live());

  const after = { ...FILES, [ORDERS]: metaschemaOf('purchase'), [BILLING]: metaschemaOf('bill') };
  lay(after);
  rig.proxy?.fault(({ method, key }) => method === 'PUT' && key.endsWith(BILLING), { kind: 'hang' });
  const killed = sync();
  const putsOfOrders = () =>
    (rig.proxy?.requests ?? []).filter(
      ({ key, status, method }) => method === 'PUT' && key.endsWith(ORDERS) && status === 200,
    ).length;
  await waitUntil(() => putsOfOrders() === 2, 'an upload that is through');
  await killed.end('SIGKILL');
  rig.proxy?.clear();
  expect(await readObject(rig, manifest)).toContain('"pending"');
  await rig.waitFor(({ conditions }) => conditions.some(({ type }) => type === 'SyncPending'));
  expect(configurationOf(await rig.live())).toEqual(before);

  const next = await sync().ended(60_000);
  expect(next.stderr).toMatch(
    /gatewayctl: maria holds the lock since [^\n]+ take over with --take-over\. {3}\[75\]\n$/,
  );
  expect(next.code).toBe(75);
  expect(await sync('--take-over', '--wait').ended(60_000)).toMatchObject({ code: 0 });
  expect(configurationOf(await rig.live())[BILLING]).toBe(after[BILLING]);
});

it('of two at once one wins, and the other says who', async () => {
  const { rig, lay, sync, manifest } = await createGround();
  lay(FILES);
  rig.proxy?.fault(({ method, key }) => method === 'PUT' && key.endsWith(ORDERS), {
    kind: 'delay',
    ms: 1_500,
  });
  const both = await Promise.all([sync().ended(60_000), sync().ended(60_000)]);
  expect(both.map(({ code }) => code).sort()).toEqual([0, 75]);
  const loser = both.find(({ code }) => code === 75);
  expect(loser?.stderr).toMatch(/maria holds the lock since|someone else synced meanwhile: maria at/);
  expect(await readObject(rig, manifest)).toContain('"files"');
});

it('is interrupted by Ctrl-C with how to finish it', async () => {
  const { rig, lay, sync, manifest } = await createGround();
  lay(FILES);
  rig.proxy?.fault(({ method, key }) => method === 'PUT' && key.endsWith(ORDERS), { kind: 'hang' });
  const program = sync();
  const hasBegun = () =>
    rig.proxy?.requests.some(({ method, key }) => method === 'PUT' && key.endsWith(ORDERS)) === true;
  await waitUntil(hasBegun, 'an upload that hangs');
  const { code, stderr } = await program.end('SIGINT');
  expect(stderr).toContain(
    'gatewayctl: interrupted; the sync is half done, and the gateway stays as it was. Finish it with the same command and --take-over.   [75]',
  );
  expect(code).toBe(75);
  expect(await readObject(rig, manifest)).toContain('"pending"');
});
