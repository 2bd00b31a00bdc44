import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import type { Supervisor } from '../../agent/ports.ts';
import { type ChildRig, createChildRig, isProcessAlive } from '../support/child-rig.ts';

async function waitFor<T>(look: () => Promise<T> | T, isDone: (value: T) => boolean): Promise<T> {
  for (const until = Date.now() + 15_000; ; await sleep(25)) {
    const value = await look();
    if (isDone(value)) return value;
    if (Date.now() > until) throw new Error(`not in time; the last look: ${JSON.stringify(value)}`);
  }
}

const look = async (supervisor: Supervisor) => (await supervisor.observe()).run;
const untilRunning = (supervisor: Supervisor, not: string | null = null) =>
  waitFor(
    () => look(supervisor),
    ({ state, id }) => state === 'running' && id !== not,
  );

/** Pids of all processes that were started for this rig, this program itself left out. */
function processesOf(rig: ChildRig): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(
          `GATEWAY_STARTED_DIR=${rig.startedDir}`,
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

test('a started child reads the started copy of its own start, also after a crash', async () => {
  const rig = await createChildRig();
  const supervisor = rig.create();
  await supervisor.start();
  const first = await untilRunning(supervisor);
  await waitFor(rig.starts, (starts) => starts.length === 1);
  rig.setCatalog('connector.name=datomic\ndatomic.databases=[shop billing]\n');
  process.kill(first.pid ?? 0, 'SIGKILL');
  await untilRunning(supervisor, first.id);
  const [before, after] = await waitFor(rig.starts, (starts) => starts.length === 2);
  expect(after?.files).not.toEqual(before?.files);
  expect(rig.copies()).toBe(2);
});

test('a child that is killed from outside has been killed; one that is sent TERM has ended clean', async () => {
  for (const [signal, kind] of [
    ['SIGKILL', 'killed'],
    ['SIGTERM', 'clean'],
  ] as const) {
    const rig = await createChildRig();
    const supervisor = rig.create();
    await supervisor.start();
    const { pid } = await untilRunning(supervisor);
    await waitFor(rig.record, (lines) => lines.some((line) => line.kind === 'started'));
    process.kill(pid ?? 0, signal);
    const run = await waitFor(
      () => look(supervisor),
      ({ lastExit }) => lastExit !== null,
    );
    expect(run.lastExit).toMatchObject({ kind, isExpected: false });
  }
});

test('an exit stays the newest one until somebody has seen it', async () => {
  const rig = await createChildRig({ command: ['/bin/sh', '-c', 'exit 7'] });
  const supervisor = rig.create();
  await supervisor.start();
  await sleep(2_500);
  expect(rig.copies()).toBe(1);
  expect((await look(supervisor)).lastExit).toMatchObject({ detail: 'exited with status 7' });
  await waitFor(rig.copies, (copies) => copies === 2);
});

test('a child that crashes at once is started again after 1 s, then after 2 s', async () => {
  const begun: number[] = [];
  const rig = await createChildRig({ command: ['/bin/sh', '-c', 'exit 1'] });
  const supervisor = rig.create({
    makeStartedCopy: async () => {
      begun.push(Date.now());
      return rig.options.makeStartedCopy();
    },
  });
  await supervisor.start();
  await waitFor(
    () => look(supervisor).then(() => begun.length),
    (count) => count === 3,
  );
  const [first = 0, second = 0, third = 0] = begun;
  expect(second - first).toBeGreaterThanOrEqual(950);
  expect(third - second).toBeGreaterThanOrEqual(1_950);
});

test('a child that ignores TERM is killed after the grace', async () => {
  const rig = await createChildRig();
  await rig.setScript({ ignoreTerm: true });
  const supervisor = rig.create();
  await supervisor.start();
  const { pid, id } = await untilRunning(supervisor);
  await waitFor(rig.record, (lines) => lines.some((line) => line.kind === 'started'));
  await supervisor.restart();
  expect(
    (
      await waitFor(
        () => look(supervisor),
        ({ state }) => state === 'stopping',
      )
    ).id,
  ).toBe(id);
  const after = await untilRunning(supervisor, id);
  expect(after.lastExit).toMatchObject({ run: id, detail: 'ended by SIGKILL', isExpected: true });
  expect(await isProcessAlive(pid ?? 0)).toBe(false);
});

test('whatever the child started goes with it, also what left its group, also when the child crashes', async () => {
  const program = 'setsid sleep 300 & sleep 300 & wait';
  const rig = await createChildRig({ command: ['/bin/bash', '-c', program] });
  const supervisor = rig.create();
  await supervisor.start();
  const first = await untilRunning(supervisor);
  const before = await waitFor(
    () => processesOf(rig),
    (pids) => pids.length === 3,
  );
  await supervisor.restart();
  const second = await untilRunning(supervisor, first.id);
  const between = await waitFor(
    () => processesOf(rig),
    (pids) => pids.length === 3,
  );
  expect(between.filter((pid) => before.includes(pid))).toEqual([]);
  process.kill(second.pid ?? 0, 'SIGKILL');
  await waitFor(
    () => look(supervisor),
    ({ state }) => state === 'starting',
  );
  expect(processesOf(rig)).toEqual([]);
  await untilRunning(supervisor, second.id);
  await supervisor.close();
  expect(processesOf(rig)).toEqual([]);
});

test('a program that is not there is a crash that the tail explains', async () => {
  const rig = await createChildRig({ command: ['/nonexistent/engine'] });
  const supervisor = rig.create();
  await supervisor.start();
  const run = await waitFor(
    () => look(supervisor),
    ({ lastExit }) => lastExit !== null,
  );
  expect(run.lastExit).toMatchObject({ kind: 'crash', detail: 'exited with status 127' });
  expect((await supervisor.tail(5)).join('\n')).toContain('/nonexistent/engine');
});

test('what speaks to the agent alone does not reach the child', async () => {
  const rig = await createChildRig({
    command: ['/bin/sh', '-c', 'env; sleep 300'],
    env: { PATH: process.env.PATH, NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '1', KEPT: 'yes' },
  });
  const supervisor = rig.create();
  await supervisor.start();
  const lines = await waitFor(
    () => supervisor.tail(100),
    (tail) => tail.includes('KEPT=yes'),
  );
  expect(lines.filter((line) => /^(NOTIFY_SOCKET|WATCHDOG_USEC)=/.test(line))).toEqual([]);
  expect(lines).toContain(`GATEWAY_STARTED_DIR=${rig.startedDir}`);
});

test('the log is bounded within a run and between runs, and a run writes where its tail is read', async () => {
  const maxLogBytes = 20_000;
  const chatter = 'i=0; while [ $i -lt 3000 ]; do echo "line $i of a chatty run"; i=$((i+1)); done';
  const program = `if [ -e second ]; then echo short run; else touch second; ${chatter}; fi; exec sleep 300`;
  const rig = await createChildRig({ command: ['/bin/sh', '-c', program], maxLogBytes });
  const supervisor = rig.create();
  const file = join(rig.runDir, 'analytics.log');
  await supervisor.start();
  await waitFor(
    () => supervisor.tail(1),
    ([line]) => line === 'line 2999 of a chatty run',
  );
  await supervisor.observe();
  expect((await stat(file)).size).toBeLessThanOrEqual(maxLogBytes);
  expect((await supervisor.tail(200)).at(-1)).toBe('line 2999 of a chatty run');
  expect(await supervisor.tail(200)).toHaveLength(200);

  // Full again when the next run begins, and no look in between: the file is set aside before the child gets it.
  await appendFile(file, 'x'.repeat(maxLogBytes + 1));
  await supervisor.restart();
  const text = await waitFor(
    () => readFile(file, 'utf8').catch(() => ''),
    (found) => found.includes('short run'),
  );
  expect(text).not.toContain('xxx');
  expect((await stat(`${file}.1`)).size).toBeGreaterThan(maxLogBytes);
});

test('close ends a child that ignores TERM, and waits for it', async () => {
  const rig = await createChildRig();
  await rig.setScript({ ignoreTerm: true });
  const supervisor = rig.create();
  await supervisor.start();
  await untilRunning(supervisor);
  await waitFor(rig.record, (lines) => lines.some((line) => line.kind === 'started'));
  const began = Date.now();
  await supervisor.close();
  expect(Date.now() - began).toBeLessThan(5_000);
  expect(processesOf(rig)).toEqual([]);
});

/** An agent that is nothing but a child supervisor, as a process of its own. */
async function startAgent(rig: ChildRig) {
  const file = join(rig.root, 'agent.mjs');
  await build({
    entryPoints: ['test/support/child-host.ts'],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  return () => {
    const { command, env, cwd, runDir, startedDir } = rig.options;
    const told = JSON.stringify({ command, env, cwd, runDir, startedDir });
    const agent = spawn(process.execPath, [file, told], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => {
      agent.kill('SIGKILL');
    });
    return {
      accepted: new Promise<void>((resolve) => agent.stdout.once('data', () => resolve())),
      kill: async () => {
        const gone = new Promise((resolve) => agent.once('exit', resolve));
        agent.kill('SIGKILL');
        await gone;
      },
    };
  };
}

test('the child of a killed agent runs on, and the next agent ends it before it starts another', async () => {
  const rig = await createChildRig();
  await rig.options.makeStartedCopy();
  const agent = (await startAgent(rig))();
  await agent.accepted;
  const [old] = await waitFor(rig.starts, (starts) => starts.length === 1);
  await agent.kill();
  await sleep(200);
  expect(await isProcessAlive(old?.pid ?? 0)).toBe(true);

  const supervisor = rig.create();
  expect(await look(supervisor)).toMatchObject({ state: 'stopping', pid: old?.pid });
  await supervisor.start();
  const run = await untilRunning(supervisor);
  expect(run.lastExit).toMatchObject({ isExpected: true });
  expect(await isProcessAlive(old?.pid ?? 0)).toBe(false);
  await waitFor(rig.starts, (starts) => starts.length === 2);
  expect(processesOf(rig)).toEqual([run.pid]);
});

test('an agent that is killed at any moment of a start leaves nothing that the next one does not find', async () => {
  const rig = await createChildRig({ command: ['/bin/sh', '-c', 'echo up; exec sleep 300'] });
  const start = await startAgent(rig);
  for (let round = 0; round < 16; round += 1) {
    const agent = start();
    await agent.accepted;
    // A start takes some 10 ms here: from before the spawn until well after the leave to run.
    await sleep(round);
    await agent.kill();
    const supervisor = rig.create();
    await waitFor(
      () => look(supervisor),
      ({ state }) => state === 'stopped',
    );
    // A gate whose agent died goes by itself, without having run the command.
    await waitFor(
      () => processesOf(rig),
      (pids) => pids.length === 0,
    );
    await supervisor.close();
  }
});

test('a record that names somebody else by chance ends nobody', async () => {
  const innocent = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
  onTestFinished(() => {
    innocent.kill('SIGKILL');
  });
  const pid = innocent.pid ?? 0;
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ');
  const startTime = Number(fields[21]);
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  const base = { pid, startTime, bootId, token: 'ab'.repeat(16), startedAt: 1 };
  for (const record of [
    { ...base, startTime: startTime + 1 },
    { ...base, bootId: 'another boot' },
    'not even a record',
  ]) {
    const rig = await createChildRig();
    await mkdir(rig.runDir, { recursive: true });
    await writeFile(join(rig.runDir, 'child.json'), JSON.stringify(record));
    const supervisor = rig.create();
    await supervisor.start();
    await untilRunning(supervisor);
    expect(await isProcessAlive(pid)).toBe(true);
    await supervisor.close();
  }
});
