import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createRig, type Rig, type RigOptions } from '../support/rig.ts';
import { type Ctl, createCtl } from '../support/rig-ctl.ts';

const catalog = (databases: string) => `connector.name=datomic\ndatomic.databases=[${databases}]\n`;
const FILES = { 'catalog/shop.properties': catalog('shop') };
const CHANGED = { 'catalog/shop.properties': catalog('shop billing') };

/** A gateway at rest: proven, serving. */
async function createGateway(options: RigOptions = {}): Promise<{ rig: Rig; ctl: Ctl }> {
  const rig = await createRig({ source: 'directory', ...options });
  await rig.sync(FILES);
  rig.start();
  await rig.waitForProven();
  return { rig, ctl: createCtl(rig) };
}

const starts = (rig: Rig) => rig.engineStarts().length;

/** Lets pass what would show a restart too many: spacing, and some. */
const letPass = (ms = 1_500) => sleep(ms);

describe('a restart', () => {
  it('is answered when a new run is serving, with its times', async () => {
    const { rig, ctl } = await createGateway();
    const before = rig.status()?.analytics.pid;
    const answer = await ctl.ask('restart', '--id', 'one', '--reason', 'new driver', '--json');
    const { analytics, effective } = await rig.waitFor((status) => status.analytics.pid !== before);
    expect(answer).toMatchObject({
      id: 'one',
      kind: 'restart',
      outcome: 'done',
      reason: 'new driver',
      message: 'serving',
      pidBefore: before,
      pidAfter: analytics.pid,
      digest: effective?.digest,
      queriesKilled: 0,
      exitCode: 0,
    });
    const times = [answer.requestedAt, answer.startedAt, answer.servingAt, answer.answeredAt];
    expect(times).toEqual([...times].sort());
    expect(answer.stopMs).toBeGreaterThanOrEqual(0);
    expect(answer.startMs).toBeGreaterThan(0);
    expect(starts(rig)).toBe(2);
    expect(readdirSync(path.join(rig.state, 'requests'))).toEqual([]);
    expect(rig.status()?.analytics.lastRestart).toMatchObject({ id: 'one', outcome: 'done' });
  });

  it('asked twice with one id, at once and again later, is one restart with one answer', async () => {
    const { rig, ctl } = await createGateway();
    const [first, second] = await Promise.all([
      ctl.run('restart', '--id', 'one'),
      ctl.run('restart', '--id', 'one'),
    ]);
    const later = await ctl.run('restart', '--id', 'one', '--reason', 'other words');
    expect(second.stdout).toBe(first.stdout);
    expect(later.stdout).toBe(first.stdout);
    expect([first, second, later].map(({ code }) => code)).toEqual([0, 0, 0]);
    await letPass();
    expect(starts(rig)).toBe(2);
  });

  it('of ten ids at once is one restart that serves all', async () => {
    const { rig, ctl } = await createGateway();
    const ids = Array.from({ length: 10 }, (_, n) => `r${n}`);
    for (const id of ids) ctl.drop(id, { kind: 'restart', by: 'maria', reason: '' });
    const answers = await Promise.all(ids.map((id) => ctl.waitForAnswer(id)));
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
    await letPass();
    // All but a straggler were accepted before the restart: dropping ten files takes longer than a cycle.
    expect(starts(rig)).toBeLessThanOrEqual(3);
    expect(new Set(answers.map(({ pidAfter }) => pidAfter)).size).toBe(starts(rig) - 1);
  });

  it('after a sync without manifest waits for settle: one restart, with the new configuration', async () => {
    const { rig, ctl } = await createGateway({ source: 's3' });
    const snapshot = await rig.sync(CHANGED, { manifest: false });
    const answer = await ctl.ask('restart');
    const status = await rig.waitForProven(snapshot);
    expect(answer).toMatchObject({ outcome: 'done', digest: status.effective?.digest });
    await letPass();
    expect(starts(rig)).toBe(2);
  });

  it('while a catalog restart waits shares it', async () => {
    const { rig, ctl } = await createGateway({ env: { GATEWAY_RESTART_SPACING: '4s' } });
    await rig.sync(CHANGED);
    await rig.waitFor(({ reason }) => reason.includes('far enough apart'));
    const answer = await ctl.ask('restart');
    expect(answer).toMatchObject({ outcome: 'done' });
    await letPass(5_000);
    expect(starts(rig)).toBe(2);
    expect(rig.status()?.proven?.digest).toBe(answer.digest);
  });

  it('while a catalog restart drains shares it, and says which queries it cost', async () => {
    const { rig, ctl } = await createGateway({
      script: { starts: [{ queryMs: 60_000 }] },
      env: { GATEWAY_DRAIN: '4s' },
    });
    await rig.waitFor(({ analytics }) => analytics.queriesRunning === 1);
    await rig.sync(CHANGED);
    await rig.waitFor(({ reason }) => reason.includes('draining'));
    const answer = await ctl.ask('restart');
    expect(answer).toMatchObject({ outcome: 'done', queriesKilled: 1 });
    expect(answer.drainMs).toBeGreaterThan(3_000);
    await letPass();
    expect(starts(rig)).toBe(2);
  });

  it('--now does not wait for queries', async () => {
    const { rig, ctl } = await createGateway({
      script: { starts: [{ queryMs: 60_000 }] },
      env: { GATEWAY_DRAIN: '60s' },
    });
    await rig.waitFor(({ analytics }) => analytics.queriesRunning === 1);
    const answer = await ctl.ask('restart', '--now');
    expect(answer).toMatchObject({ outcome: 'done', queriesKilled: 1, drainMs: 0 });
  });

  it('after a restart job went out is served by a second run', async () => {
    const { rig, ctl } = await createGateway({
      script: { starts: [{ termMs: 1_000 }] },
      env: { GATEWAY_RESTART_SPACING: '3s' },
    });
    await rig.sync(CHANGED);
    await rig.waitFor(({ analytics }) => analytics.state === 'stopping');
    const answer = await ctl.ask('restart');
    expect(answer).toMatchObject({ outcome: 'done' });
    await letPass();
    expect(starts(rig)).toBe(3);
    expect(rig.status()?.analytics.restarts).toBe(2);
    expect(answer.pidAfter).toBe(rig.status()?.analytics.pid);
  });

  it('is served by the run after the engine died by itself in between', async () => {
    const { rig, ctl } = await createGateway({ env: { GATEWAY_RESTART_SPACING: '6s' } });
    const pid = rig.status()?.analytics.pid ?? 0;
    ctl.drop('one', { kind: 'restart', by: 'maria', reason: '' });
    await rig.waitFor(({ reason }) => reason.includes('far enough apart'));
    process.kill(pid, 'SIGKILL');
    const answer = await ctl.waitForAnswer('one');
    expect(answer).toMatchObject({ outcome: 'done', pidBefore: pid });
    expect(answer.pidAfter).not.toBe(pid);
    await letPass(7_000);
    expect(starts(rig)).toBe(2);
  });

  it('is answered with failed and why when the engine does not come back', async () => {
    const { rig, ctl } = await createGateway({
      script: { serveMs: 'never', starts: [{ serveMs: 50 }] },
      env: { GATEWAY_PROVE: '2s' },
    });
    const answer = await ctl.ask('restart');
    expect(answer).toMatchObject({ outcome: 'failed', exitCode: 69 });
    expect(answer.reason).toContain('not serving in time');
    const status = await rig.waitFor(({ conditions }) =>
      conditions.some(({ type, status }) => type === 'Healthy' && status === 'False'),
    );
    expect(status.effective).toEqual(status.proven);
    expect(status.analytics.serving).toBe(false);
  });

  it('with a configuration that fails is answered with failed once it is rolled back', async () => {
    const { rig, ctl } = await createGateway({ env: { GATEWAY_RESTART_SPACING: '3s' } });
    const { proven } = await rig.waitForProven();
    await rig.sync({ 'catalog/shop.properties': `${catalog('shop')}stand-in.refuse=true\n` });
    await rig.waitFor(({ reason }) => reason.includes('far enough apart'));
    const answer = await ctl.ask('restart');
    expect(answer).toMatchObject({ outcome: 'failed', digest: proven?.digest });
    expect(answer.reason).toContain('rolled back: the engine refuses catalog shop');
    expect(rig.status()?.proven).toEqual(proven);
  });

  it('without an answer in time ends with 75 and the command that asks again', async () => {
    const { ctl } = await createGateway({ env: { GATEWAY_RESTART_SPACING: '5s' } });
    const { code, stdout, stderr } = await ctl.run('restart', '--id', 'slow', '--wait', '100ms');
    expect(code).toBe(75);
    expect(JSON.parse(stdout)).toEqual({ id: 'slow', kind: 'restart', outcome: 'pending' });
    expect(stderr).toContain('gatewayctl restart --id slow');
    expect(await ctl.ask('restart', '--id', 'slow')).toMatchObject({ outcome: 'done', exitCode: 0 });
  });
});

describe('a poll', () => {
  it('tells of what was synced before it', async () => {
    const { rig, ctl } = await createGateway({ source: 's3', env: { GATEWAY_LIST_INTERVAL: '60s' } });
    const metaschema = '{:tables {:order/id {}}}';
    const snapshot = await rig.sync({ ...FILES, 'datomic/shop.edn': metaschema }, { manifest: false });
    expect(await ctl.ask('poll')).toMatchObject({ kind: 'poll', outcome: 'done', message: 'up to date' });
    // The answer is on disk before the status of its cycle.
    await rig.waitFor(({ desired }) => desired?.snapshot === snapshot);
    expect(starts(rig)).toBe(1);
  });

  it('of a configuration that is refused is refused, with 65', async () => {
    const { rig, ctl } = await createGateway();
    await rig.sync({ 'catalog/shop.properties': 'no connector\n' });
    expect(await ctl.ask('poll')).toMatchObject({ outcome: 'refused', exitCode: 65 });
  });

  it('of a source that does not answer fails', async () => {
    const { rig, ctl } = await createGateway({ source: 's3' });
    await rig.proxy?.refuse();
    expect(await ctl.ask('poll')).toMatchObject({ outcome: 'failed', exitCode: 69 });
  });
});

describe('a pause', () => {
  it('keeps everything as it is; then one restart', async () => {
    const { rig, ctl } = await createGateway();
    const before = await rig.live();
    expect(await ctl.ask('pause', '--reason', 'audit')).toMatchObject({ kind: 'pause', outcome: 'done' });
    const snapshot = await rig.sync(CHANGED);
    await rig.waitFor(({ desired }) => desired?.snapshot === snapshot);
    expect(await ctl.ask('restart')).toMatchObject({ outcome: 'refused', reason: 'paused', exitCode: 77 });
    await letPass();
    expect(await rig.live()).toEqual(before);
    expect(starts(rig)).toBe(1);
    expect(rig.status()?.paused).toMatchObject({ reason: 'audit', until: null });

    expect(await ctl.ask('resume')).toMatchObject({ outcome: 'done' });
    await rig.waitForProven(snapshot);
    await letPass();
    expect(starts(rig)).toBe(2);
    expect(rig.status()?.paused).toBeNull();
  });

  it('that runs out ends by itself, with one restart', async () => {
    const { rig, ctl } = await createGateway();
    await ctl.ask('pause', '--for', '3s');
    expect(rig.status()?.paused?.until).not.toBeNull();
    const snapshot = await rig.sync(CHANGED);
    await rig.waitFor(({ desired }) => desired?.snapshot === snapshot);
    expect(starts(rig)).toBe(1);
    await rig.waitForProven(snapshot);
    await letPass();
    expect(starts(rig)).toBe(2);
    expect(rig.status()?.paused).toBeNull();
  });
});

describe('allow', () => {
  const WITH_TABLES = { ...FILES, 'datomic/shop.edn': '{:tables {:order/id {}}}' };

  it('deletion counts only for the snapshot that it names', async () => {
    const { rig, ctl } = await createGateway();
    await rig.waitForProven(await rig.sync(WITH_TABLES));
    const first = await rig.sync({ 'catalog/shop.properties': `# first\n${catalog('shop')}` });
    await rig.waitFor(({ held }) => held.some(({ snapshot }) => snapshot === first));
    const second = await rig.sync({ 'catalog/shop.properties': `# second\n${catalog('shop')}` });
    await rig.waitFor(({ held }) => held.some(({ snapshot }) => snapshot === second));
    const late = await ctl.ask('allow', 'deletion', '--snapshot', first);
    expect(late).toMatchObject({ outcome: 'refused', exitCode: 77 });
    await letPass();
    expect([...(await rig.live()).keys()]).toContain('datomic/shop.edn');

    const { stdout, stderr, code } = await ctl.run('allow', 'deletion');
    expect({ code, answer: JSON.parse(stdout) }).toMatchObject({ code: 0, answer: { outcome: 'done' } });
    expect(stderr).toContain(`allowing the deletion in snapshot ${second.slice(0, 8)}: datomic/shop.edn`);
    await rig.waitFor(({ held }) => held.length === 0);
    await rig.waitForProven(second);
    expect([...(await rig.live()).keys()]).not.toContain('datomic/shop.edn');
  });

  it('exposure lets the wider catalog through, with one restart', async () => {
    const { rig, ctl } = await createGateway();
    const snapshot = await rig.sync({ 'catalog/shop.properties': 'connector.name=datomic\n' });
    await rig.waitFor(({ held }) => held.some(({ kind }) => kind === 'exposure'));
    const answer = await ctl.ask('allow', 'exposure', '--snapshot', snapshot.slice(0, 8));
    expect(answer).toMatchObject({ outcome: 'done' });
    await rig.waitForProven(snapshot);
    expect(starts(rig)).toBe(2);
  });

  it('of nothing that is held is said before anything is asked', async () => {
    const { ctl } = await createGateway();
    const { code, stderr } = await ctl.run('allow', 'deletion');
    expect(code).toBe(2);
    expect(stderr).toContain('no deletion is held. Look at gatewayctl status.');
  });
});

it('retry tries what is quarantined again', async () => {
  const { rig, ctl } = await createGateway({ script: { starts: [{}, { refuse: 'shop' }] } });
  const snapshot = await rig.sync(CHANGED);
  await rig.waitFor(({ quarantined, analytics }) => quarantined.length === 1 && analytics.serving);
  expect(await ctl.ask('retry')).toMatchObject({ outcome: 'done' });
  await rig.waitForProven(snapshot);
  expect(rig.status()?.quarantined).toEqual([]);
});

it('what lies in the spool and is no request is refused and logged, and the work goes on', async () => {
  const { rig, ctl } = await createGateway();
  ctl.drop('bad', { kind: 'reboot' });
  ctl.drop('not an id', { kind: 'poll' });
  expect(await ctl.waitForAnswer('bad')).toMatchObject({ outcome: 'refused', kind: null });
  await rig.waitFor(() => readdirSync(path.join(rig.state, 'requests')).length === 0);
  expect(rig.log().map(({ event }) => event)).toEqual(
    expect.arrayContaining(['spool.refused', 'spool.stray']),
  );
  expect(await ctl.ask('poll')).toMatchObject({ outcome: 'done' });
});

it('sixty pauses and resumes at once are all answered', async () => {
  const { rig, ctl } = await createGateway();
  const ids = Array.from({ length: 60 }, (_, n) => `p${n}`);
  for (const [n, id] of ids.entries()) ctl.drop(id, { kind: n % 2 === 0 ? 'pause' : 'resume' });
  const answers = await Promise.all(ids.map((id) => ctl.waitForAnswer(id)));
  expect(answers.every(({ outcome }) => outcome === 'done')).toBe(true);
  expect(rig.agent().isRunning()).toBe(true);
});

describe('without an agent', () => {
  it('it is said, and the request waits for one', async () => {
    const { rig, ctl } = await createGateway();
    await rig.stop();
    const { code, stderr } = await ctl.run('restart', '--id', 'later', '--wait', '200ms');
    expect(code).toBe(75);
    expect(stderr).toMatch(/no agent runs here: its process \d+ is gone\. The request waits for it\./);
    rig.start();
    expect(await ctl.ask('restart', '--id', 'later')).toMatchObject({ outcome: 'done', exitCode: 0 });
  });

  it('a machine that never had one is told apart', async () => {
    const rig = await createRig({ source: 'directory' });
    const { code, stderr } = await createCtl(rig).run('poll');
    expect(code).toBe(69);
    expect(stderr).toContain('The agent has never run here');
    expect(existsSync(rig.state)).toBe(false);
  });
});

it('history tells what was done, when, why and by whom', async () => {
  const { rig, ctl } = await createGateway();
  await ctl.ask('restart', '--id', 'one', '--reason', 'new driver');
  const { stdout, code } = await ctl.run('history', '--json');
  expect(code).toBe(0);
  const entries = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { what: string; digest: string | null });
  const whats = entries.map(({ what }) => what);
  for (const what of ['desired', 'published', 'started', 'serving', 'proven', 'restarted', 'request done']) {
    expect(whats).toContain(what);
  }
  expect(entries.find(({ what }) => what === 'proven')?.digest).toBe(rig.status()?.proven?.digest);
  const shown = await ctl.run('history', '-n', '2');
  expect(shown.stdout.trim().split('\n')).toHaveLength(2);
});

it('logs shows what the engine said, without the secrets of the catalogs', async () => {
  const rig = await createRig({ source: 'directory' });
  const secret = 'hunter2-very-secret';
  await rig.sync({ 'catalog/shop.properties': `${catalog('shop')}stand-in.password=${secret}\n` });
  rig.start();
  await rig.waitForProven();
  const log = path.join(rig.root, 'run', 'analytics.log');
  expect(readFileSync(log, 'utf8')).toContain('SERVER STARTED');
  appendFileSync(log, `connecting with ${secret}\n`);
  const { stdout, code } = await createCtl(rig).run('logs', '-n', '50');
  expect(code).toBe(0);
  expect(stdout).toContain('SERVER STARTED');
  expect(stdout).toContain('connecting with [redacted]');
  expect(stdout).not.toContain(secret);
});
