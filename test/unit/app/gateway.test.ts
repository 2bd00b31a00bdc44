/** The whole application in memory: that it works there as on a machine, so that what is built on it attacks the real one. */
import { expect, it } from 'vitest';
import { AgentError } from '../../../agent/core/errors.ts';
import { createFakeBucket } from '../../fakes/fake-bucket.ts';
import { createGatewayWorld, type GatewayWorldOptions } from '../../fakes/gateway-world.ts';
import { shop } from '../../fakes/world-files.ts';
import { shortTimes } from '../../fakes/world-settings.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

async function createProven(options: GatewayWorldOptions = {}) {
  const world = createGatewayWorld({ settings: shortTimes(), ...options });
  world.sync(shop());
  world.start();
  await rest(world);
  world.faults.forget();
  return world;
}

async function rest(world: ReturnType<typeof createGatewayWorld>) {
  const isAtRest = () => world.status()?.reason === 'nothing to do' && world.isAgentUp();
  await world.pass(5 * SECOND);
  expect(await world.passUntil(isAtRest, 5 * MINUTE), world.status()?.reason).toBe(true);
  expect(world.bugs()).toEqual([]);
}

it('an hour of rest asks the source and writes the status, and touches nothing else', async () => {
  const world = await createProven();
  await world.pass(60 * MINUTE);
  const names = new Set(world.faults.effects().map(({ name }) => name));
  expect([...names].toSorted()).toEqual(['source.list', 'source.manifest', 'status.write']);
  const polls = world.faults.effects().filter(({ name }) => name === 'source.manifest').length;
  expect(polls).toBeGreaterThan(1_600);
  expect(polls).toBeLessThan(1_900);
});

it('a metaschema goes live without a restart, a catalog with one, and a refused catalog is rolled back', async () => {
  const world = await createProven();
  world.sync(shop(['shop'], { 'datomic/more.edn': '{:tables {:more/id {}} :joins {}}\n' }));
  await rest(world);
  expect(world.engine.starts).toHaveLength(1);
  expect([...world.disk.live.keys()]).toContain('datomic/more.edn');

  world.sync(shop(['shop', 'billing']));
  await rest(world);
  expect(world.engine.starts).toHaveLength(2);
  const proven = world.status()?.proven?.digest;

  world.sync(shop(['shop', 'refused']));
  await rest(world);
  expect(world.status()).toMatchObject({
    proven: { digest: proven },
    effective: { digest: proven },
    quarantined: [{ reason: expect.stringContaining('shop') }],
  });
  expect(world.engine.starts).toHaveLength(4);
});

it('a request is answered once, also by an agent that is killed meanwhile', async () => {
  const world = await createProven();
  world.request('one', { kind: 'restart', reason: 'test' });
  await world.passUntil(() => world.engine.jobs().includes('restart'), MINUTE);
  world.kill();
  expect(world.isAgentUp()).toBe(false);
  await rest(world);
  expect(world.disk.answers.get('one')).toMatchObject({ outcome: 'done' });
  expect(world.engine.starts).toHaveLength(2);
  expect(world.ends).toEqual([{ at: expect.any(Number), error: null, code: null }]);
});

it('a request on a full disk waits, and does not make the agent list the source without a pause', async () => {
  const world = await createProven();
  let listings = 0;
  world.source.before((call) => {
    if (call !== 'list') return;
    listings += 1;
    if (listings > 50) throw new Error('it lists without a pause');
  });
  world.faults.arm(1, { kind: 'disk', errno: 'ENOSPC', forMs: MINUTE });
  world.request('one', { kind: 'restart', reason: 'test' });
  await world.pass(MINUTE);
  expect(world.bugs()).toEqual([]);
  expect(listings).toBeLessThan(8);
  await world.passUntil(() => world.disk.answers.has('one'), 2 * MINUTE);
  expect(world.disk.answers.get('one')).toMatchObject({ outcome: 'done' });
});

it('a reboot starts the engine again, from disk while S3 is away', async () => {
  const world = await createProven();
  world.source.fail('list', new AgentError('SOURCE_UNREACHABLE', 'away'));
  world.source.fail('readManifest', new AgentError('SOURCE_UNREACHABLE', 'away'));
  world.reboot();
  await rest(world);
  expect(world.engine.starts.map(({ release }) => release.facts.digest)).toEqual(
    Array(2).fill(world.status()?.proven?.digest),
  );
});

it('the baseline is saved in the bucket, and a fresh machine begins from it', async () => {
  const bucket = createFakeBucket();
  await createProven({ bucket });
  expect([...bucket.objects.keys()]).toEqual(['acme']);
  const fresh = createGatewayWorld({ settings: shortTimes(), bucket });
  fresh.sync({ 'catalog/shop.properties': 'connector.name=datomic\n' });
  fresh.start();
  await fresh.pass(MINUTE);
  expect(
    fresh
      .status()
      ?.held.map(({ kind }) => kind)
      .toSorted(),
  ).toEqual(['deletion', 'exposure']);
});

it('nothing that an agent does after its death has any effect', async () => {
  const world = await createProven();
  world.sync(shop(['shop', 'billing']));
  world.faults.arm(4, { kind: 'die', when: 'before' });
  await world.passUntil(() => !world.isAgentUp(), MINUTE);
  const diskNow = () => structuredClone({ ...world.disk, onLive: null });
  const [before, seen] = [diskNow(), world.faults.effects().length];
  await world.pass(SECOND);
  expect(diskNow()).toEqual(before);
  expect(world.faults.effects()).toHaveLength(seen);
  expect(world.isAgentUp()).toBe(false);
});
