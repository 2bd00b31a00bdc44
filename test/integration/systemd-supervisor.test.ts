import { existsSync } from 'node:fs';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { runCommand } from '../../agent/adapters/run-command.ts';
import { createSystemdSupervisor } from '../../agent/adapters/systemd-supervisor.ts';
import type { Digest } from '../../agent/core/types.ts';
import type { Supervisor } from '../../agent/ports.ts';
import { createFakeClock, type FakeClock } from '../fakes/fake-clock.ts';
import { makeScratch } from '../support/scratch.ts';

const UNIT = 'datomic-analytics.service';
const STARTED = { digest: 'd'.repeat(64) as Digest, madeAt: 1 };

interface Rig {
  readonly supervisor: Supervisor;
  readonly clock: FakeClock;
  /** What systemd shows from now on: a recorded situation, with some values replaced. */
  show(name: string, values?: Readonly<Record<string, string | number>>): Promise<void>;
  calls(): Promise<readonly string[][]>;
  at(name: string): string;
}

/** The supervisor with the stand-in systemctl first on PATH. */
async function createRig(): Promise<Rig> {
  const dir = await makeScratch();
  const at = (name: string) => join(dir, name);
  for (const name of ['systemctl', 'journalctl'])
    await symlink(resolve('test/stand-in/systemctl.mjs'), at(name));
  vi.stubEnv('PATH', `${dir}:${process.env.PATH}`);
  vi.stubEnv('STAND_IN_SYSTEMD', dir);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const clock = createFakeClock();
  return {
    clock,
    at,
    supervisor: createSystemdSupervisor({
      unit: UNIT,
      readStartedCopy: async () => STARTED,
      runCommand,
      clock,
    }),
    show: async (name, values = {}) => {
      let text = await readFile(`test/cases/systemctl-show/${name}.txt`, 'utf8');
      for (const [key, value] of Object.entries(values)) {
        text = text.replace(new RegExp(`^${key}=.*$`, 'm'), `${key}=${value}`);
      }
      await writeFile(at('show.txt'), text);
    },
    calls: async () => {
      if (!existsSync(at('calls'))) return [];
      const lines = (await readFile(at('calls'), 'utf8')).trim().split('\n');
      return lines.map((line) => JSON.parse(line) as string[]);
    },
  };
}

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});

describe('a look', () => {
  test('shows the run of the unit, its start by the wall clock, and the started copy', async () => {
    const bootedAgoUs = Number(process.hrtime.bigint() / 1_000n);
    await rig.show('running', { ExecMainStartTimestampMonotonic: bootedAgoUs - 60_000_000 });
    const { run, started } = await rig.supervisor.observe();
    expect(run).toMatchObject({
      state: 'running',
      id: 'fca9e534867f47579805ccbf7ade73f1',
      pid: 56,
      lastExit: null,
    });
    expect(Math.abs((run.startedAt ?? 0) - (rig.clock.now() - 60_000))).toBeLessThan(5_000);
    expect(started).toEqual(STARTED);
  });

  test('asks for one thing: the properties of the unit', async () => {
    await rig.show('running');
    await rig.supervisor.observe();
    const [call = []] = await rig.calls();
    expect([call[0], call[1], call.at(-1), call.length]).toEqual(['systemctl', 'show', UNIT, 4]);
  });

  test('keeps the start of a run the same, and follows a wall clock that was set', async () => {
    await rig.show('running');
    const { run: first } = await rig.supervisor.observe();
    await rig.clock.advance(1_000);
    rig.clock.set(rig.clock.now() + 3_600_000);
    const { run: second } = await rig.supervisor.observe();
    expect((second.startedAt ?? 0) - (first.startedAt ?? 0)).toBeGreaterThan(3_500_000);
  });

  test('costs no program while the main process that systemd named is there', async () => {
    await rig.show('running', { MainPID: process.pid });
    for (let count = 0; count < 10; count += 1) {
      await rig.supervisor.observe();
      await rig.clock.advance(1_000);
    }
    expect(await rig.calls()).toHaveLength(1);
    await rig.clock.advance(10_000);
    await rig.supervisor.observe();
    expect(await rig.calls()).toHaveLength(2);
  });

  test('asks again as soon as that process is gone', async () => {
    await rig.show('running', { MainPID: 2 ** 22 + 1 });
    await rig.supervisor.observe();
    await rig.show('waiting-after-exit-7');
    await rig.clock.advance(500);
    const { run } = await rig.supervisor.observe();
    expect(run).toMatchObject({
      state: 'starting',
      id: null,
      lastExit: { kind: 'crash', isExpected: false },
    });
  });

  test('keeps the newest exit while the next run is under way', async () => {
    await rig.show('running', { MainPID: 2 ** 22 + 1 });
    await rig.supervisor.observe();
    await rig.show('waiting-after-exit-3');
    await rig.clock.advance(500);
    const { run: waiting } = await rig.supervisor.observe();
    await rig.show('running-after-restart');
    await rig.clock.advance(500);
    const { run } = await rig.supervisor.observe();
    expect(run.lastExit).toEqual(waiting.lastExit);
    expect(run.lastExit?.kind).toBe('jvm-oom');
  });
});

describe('a job', () => {
  test.each(['start', 'restart', 'stop'] as const)('%s is one call that waits for nothing', async (verb) => {
    await rig.supervisor[verb]();
    expect(await rig.calls()).toEqual([['systemctl', verb, '--no-block', UNIT]]);
  });

  test('makes the next look a new one, however fresh the last was', async () => {
    await rig.show('running', { MainPID: process.pid });
    const { run: before } = await rig.supervisor.observe();
    await rig.supervisor.restart();
    await rig.show('slow-restart-1-stopping');
    expect((await rig.supervisor.observe()).run.state).toBe('stopping');
    await rig.show('slow-restart-3-running');
    await rig.clock.advance(500);
    const { run } = await rig.supervisor.observe();
    expect(run.lastExit?.isExpected).toBe(true);
    expect(run.id).not.toBe(before.id);
  });

  test('a stop that systemd had to finish by KILL leaves a stopped unit and an exit on purpose', async () => {
    await rig.show('stopping');
    await rig.supervisor.observe();
    await rig.supervisor.stop();
    await rig.show('failed-by-slow-stop');
    const { run } = await rig.supervisor.observe();
    expect(run).toMatchObject({ state: 'stopped', id: null, lastExit: { kind: 'killed', isExpected: true } });
  });

  test('that polkit refuses says what was refused', async () => {
    await writeFile(rig.at('refuse.txt'), 'Interactive authentication required.\n');
    await expect(rig.supervisor.restart()).rejects.toMatchObject({
      code: 'SUPERVISOR_FAILED',
      fields: { status: 1, reason: 'Interactive authentication required.', unit: UNIT },
    });
  });
});

describe('what goes wrong', () => {
  test('a unit that is not there is named', async () => {
    await rig.show('no-such-unit');
    await expect(rig.supervisor.observe()).rejects.toMatchObject({
      code: 'SUPERVISOR_FAILED',
      fields: { unit: UNIT, loadState: 'not-found' },
    });
  });

  test('a systemctl that is not there says so', async () => {
    const supervisor = createSystemdSupervisor({
      unit: UNIT,
      readStartedCopy: async () => null,
      runCommand: (_file, args) => runCommand('/nonexistent/systemctl', args),
      clock: rig.clock,
    });
    await expect(supervisor.observe()).rejects.toMatchObject({ code: 'SUPERVISOR_FAILED' });
  });

  test('a program that does not end is killed in time', async () => {
    const began = Date.now();
    await expect(runCommand('/bin/sleep', ['300'], { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'SUPERVISOR_FAILED',
      message: 'the command did not end in time',
    });
    expect(Date.now() - began).toBeLessThan(5_000);
  });
});

describe('the tail', () => {
  test('is the journal of the unit, with marks between runs', async () => {
    const entry = (MESSAGE: string, _SYSTEMD_INVOCATION_ID: string) =>
      JSON.stringify({ MESSAGE, _SYSTEMD_INVOCATION_ID });
    await writeFile(rig.at('journal.txt'), [entry('one', 'a'), entry('two', 'b'), ''].join('\n'));
    expect(await rig.supervisor.tail(3)).toEqual(['one', '--- gateway: run b begins, after a ---', 'two']);
    const [call = []] = await rig.calls();
    expect(call.slice(0, 5)).toEqual(['journalctl', '--unit', UNIT, '--lines', '3']);
  });

  test('of a journal that may not be read says so instead of failing', async () => {
    await writeFile(rig.at('refuse.txt'), 'No journal files were opened due to insufficient permissions.\n');
    expect(await rig.supervisor.tail(3)).toEqual([
      '(the journal cannot be read: No journal files were opened due to insufficient permissions.)',
    ]);
  });
});

test('the agent ends and leaves the unit alone', async () => {
  await rig.supervisor.close();
  expect(await rig.calls()).toEqual([]);
});
