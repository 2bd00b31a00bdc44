/** What systemd is told, through its own program, to a stub of its socket. */
import { afterEach, describe, expect, it } from 'vitest';
import { createNotifier } from '../../agent/adapters/notifier.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { startNotifyStub } from '../support/notify-stub.ts';
import { createRig } from '../support/rig.ts';
import { FILES, waitForListings, waitUntil } from '../support/rows.ts';

const textsOf = (stub: { messages: readonly { text: string }[] }) =>
  stub.messages.map(({ text }) => text).filter((text) => !text.startsWith('BARRIER='));

// The program finds the socket in the environment of this very process.
afterEach(() => {
  delete process.env.NOTIFY_SOCKET;
});

async function start(watchdogUsec?: string) {
  const stub = await startNotifyStub();
  const clock = createFakeClock();
  const failures: unknown[] = [];
  const notifier = createNotifier({
    env: {
      NOTIFY_SOCKET: stub.socket,
      ...(watchdogUsec === undefined ? {} : { WATCHDOG_USEC: watchdogUsec }),
    },
    clock,
    onFailure: (error) => failures.push(error),
  });
  process.env.NOTIFY_SOCKET = stub.socket;
  return { stub, clock, notifier, failures };
}

describe('the notifier', () => {
  it('says that it is ready, and in plain words what it does', async () => {
    const { stub, notifier, failures } = await start();
    await notifier.ready('nothing to do');
    await notifier.status('paused: nothing is started');
    expect(failures).toEqual([]);
    await expect
      .poll(() => textsOf(stub))
      .toEqual(
        expect.arrayContaining(['READY=1', 'STATUS=nothing to do', 'STATUS=paused: nothing is started']),
      );
  });

  it('does not say the same twice', async () => {
    const { stub, notifier } = await start();
    await notifier.status('once');
    await notifier.status('once');
    await notifier.status('more');
    await expect
      .poll(() => textsOf(stub).filter((text) => text.startsWith('STATUS=')))
      .toEqual(['STATUS=once', 'STATUS=more']);
  });

  it('feeds the watchdog at a third of its period, and only when told of progress', async () => {
    const { stub, clock, notifier } = await start('30000000');
    for (let second = 0; second < 31; second += 1) {
      await notifier.watchdog();
      await clock.advance(1_000);
    }
    await expect.poll(() => textsOf(stub)).toEqual(Array(4).fill('WATCHDOG=1'));
  });

  it('feeds no watchdog where there is none', async () => {
    const { stub, notifier } = await start();
    await notifier.watchdog();
    await notifier.stopping();
    await expect.poll(() => textsOf(stub)).toContain('STOPPING=1');
    expect(textsOf(stub)).not.toContain('WATCHDOG=1');
  });

  it('that cannot get through says so to its owner and stops nothing', async () => {
    const failures: unknown[] = [];
    const clock = createFakeClock();
    const env = { NOTIFY_SOCKET: '/nonexistent/notify', WATCHDOG_USEC: '1000000' };
    process.env.NOTIFY_SOCKET = env.NOTIFY_SOCKET;
    const notifier = createNotifier({ env, clock, onFailure: (error) => failures.push(error) });
    await notifier.ready('x');
    await notifier.watchdog();
    expect(failures).toHaveLength(2);
  });
});

describe('the agent under a supervisor that listens', () => {
  it('is ready after the first cycle, shows what it does, feeds the watchdog while its loop goes on, and says that it ends', async () => {
    const stub = await startNotifyStub();
    const rig = await createRig({ env: { NOTIFY_SOCKET: stub.socket, WATCHDOG_USEC: '1500000' } });
    // S3 is away: READY does not wait for it.
    rig.proxy?.fault(() => true, { kind: 'hang' });
    rig.start();
    await waitUntil(() => textsOf(stub).includes('READY=1'), 'READY=1');
    rig.proxy?.clear();
    await rig.waitForProven(await rig.sync(FILES));
    await waitForListings(rig, 5);
    const texts = textsOf(stub);
    expect(texts.filter((text) => text === 'READY=1')).toHaveLength(1);
    expect(texts.filter((text) => text === 'WATCHDOG=1').length).toBeGreaterThan(1);
    expect(texts).toEqual(expect.arrayContaining(['STATUS=no configuration yet', 'STATUS=nothing to do']));
    await rig.stop();
    await waitUntil(() => textsOf(stub).includes('STOPPING=1'), 'STOPPING=1');
  });

  it('that is stopped by a signal, as one that hangs, sends no WATCHDOG, and goes on after it', async () => {
    const stub = await startNotifyStub();
    const periodMs = 1_500;
    const rig = await createRig({
      env: { NOTIFY_SOCKET: stub.socket, WATCHDOG_USEC: String(periodMs * 1_000) },
    });
    rig.start();
    await rig.waitForProven(await rig.sync(FILES));
    const fed = () => stub.messages.filter(({ text }) => text === 'WATCHDOG=1').length;
    await waitUntil(() => fed() > 0, 'the first WATCHDOG=1');
    process.kill(rig.agent().pid, 'SIGSTOP');
    // A child that was on its way may still arrive.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = fed();
    await new Promise((resolve) => setTimeout(resolve, 2 * periodMs));
    expect(fed()).toBe(before);
    process.kill(rig.agent().pid, 'SIGCONT');
    await waitUntil(() => fed() > before, 'WATCHDOG=1 again');
  });
});
