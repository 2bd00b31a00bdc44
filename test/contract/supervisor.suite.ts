import { expect, test } from 'vitest';
import type { Run } from '../../agent/core/run.ts';
import type { Supervisor } from '../../agent/ports.ts';

/** A supervisor and what a test needs to shake it. */
export interface SupervisorRig {
  readonly supervisor: Supervisor;
  /** The process ends by itself with this exit status. */
  crash(status: number): Promise<void>;
  /** Whether making a started copy fails from now on, as without an intent or on a full disk. */
  setCopyFails(fails: boolean): void;
  /** How many started copies were made so far; failures do not count. */
  copies(): number;
  /** Lets `ms` pass: on a fake clock at once. */
  pass(ms: number): Promise<void>;
}

/** How long anything here may take on a busy machine. */
const PATIENCE_MS = 15_000;
const STEP_MS = 50;

/** Looks until the run is as wanted; fails with the last look. */
async function waitForRun(rig: SupervisorRig, isWanted: (run: Run) => boolean): Promise<Run> {
  let run = (await rig.supervisor.observe()).run;
  for (let waitedMs = 0; !isWanted(run) && waitedMs < PATIENCE_MS; waitedMs += STEP_MS) {
    await rig.pass(STEP_MS);
    ({ run } = await rig.supervisor.observe());
  }
  if (!isWanted(run)) throw new Error(`not within ${PATIENCE_MS} ms; the last look: ${JSON.stringify(run)}`);
  return run;
}

const isRunning = (run: Run) => run.state === 'running';

/** What every supervisor keeps to. `create` makes one that has nothing running. */
export function describeSupervisor(create: () => Promise<SupervisorRig>): void {
  test('before the first start it is stopped and knows of no exit', async () => {
    const { supervisor } = await create();
    const { run } = await supervisor.observe();
    expect(run).toEqual({ state: 'stopped', id: null, pid: null, startedAt: null, lastExit: null });
  });

  test('a start makes a started copy, and the run has id, pid and start', async () => {
    const rig = await create();
    await rig.supervisor.start();
    expect((await rig.supervisor.observe()).run.state).toMatch(/starting|running/);
    const run = await waitForRun(rig, isRunning);
    expect(run).toMatchObject({ id: expect.any(String), pid: expect.any(Number), lastExit: null });
    expect(run.startedAt).not.toBeNull();
    expect(rig.copies()).toBe(1);
    expect((await rig.supervisor.observe()).started).not.toBeNull();
  });

  test('what was seen once stays the same until something happens', async () => {
    const rig = await create();
    await rig.supervisor.start();
    const run = await waitForRun(rig, isRunning);
    await rig.pass(300);
    expect((await rig.supervisor.observe()).run).toEqual(run);
  });

  test('a start while it runs changes nothing', async () => {
    const rig = await create();
    await rig.supervisor.start();
    const before = await waitForRun(rig, isRunning);
    await rig.supervisor.start();
    await rig.pass(300);
    expect((await rig.supervisor.observe()).run).toEqual(before);
    expect(rig.copies()).toBe(1);
  });

  test('a restart gives another run from another copy, and the exit before it was asked for', async () => {
    const rig = await create();
    await rig.supervisor.start();
    const before = await waitForRun(rig, isRunning);
    await rig.supervisor.restart();
    const after = await waitForRun(rig, (run) => isRunning(run) && run.id !== before.id);
    expect(after.lastExit).toMatchObject({ run: before.id, isExpected: true });
    expect(rig.copies()).toBe(2);
  });

  test('a restart of what is stopped starts it', async () => {
    const rig = await create();
    await rig.supervisor.restart();
    const run = await waitForRun(rig, isRunning);
    expect(run.lastExit).toBeNull();
  });

  test('restarts that come while one is under way make no more than one more', async () => {
    const rig = await create();
    await rig.supervisor.start();
    const before = await waitForRun(rig, isRunning);
    for (let count = 0; count < 5; count += 1) await rig.supervisor.restart();
    const after = await waitForRun(rig, (run) => isRunning(run) && run.id !== before.id);
    await rig.pass(1_500);
    expect((await rig.supervisor.observe()).run.id).toBe(after.id);
    expect(rig.copies()).toBeLessThanOrEqual(3);
  });

  test('a stop ends it for good, and a start brings it back', async () => {
    const rig = await create();
    await rig.supervisor.start();
    const before = await waitForRun(rig, isRunning);
    await rig.supervisor.stop();
    const stopped = await waitForRun(rig, ({ state }) => state === 'stopped');
    expect(stopped).toMatchObject({ id: null, pid: null, lastExit: { run: before.id, isExpected: true } });
    await rig.pass(2_500);
    expect((await rig.supervisor.observe()).run.state).toBe('stopped');
    await rig.supervisor.start();
    expect((await waitForRun(rig, isRunning)).id).not.toBe(before.id);
  });

  test('a stop that follows a start at once wins', async () => {
    const rig = await create();
    await rig.supervisor.start();
    await rig.supervisor.stop();
    await rig.pass(1_000);
    await waitForRun(rig, ({ state }) => state === 'stopped');
  });

  test('a process that dies by itself is started again from a new copy, and its exit is kept', async () => {
    const rig = await create();
    await rig.supervisor.start();
    const before = await waitForRun(rig, isRunning);
    await rig.crash(7);
    const waiting = await waitForRun(rig, ({ lastExit }) => lastExit !== null);
    expect(waiting.lastExit).toMatchObject({ run: before.id, kind: 'crash', isExpected: false });
    expect(waiting.lastExit?.detail).toContain('7');
    const after = await waitForRun(rig, (run) => isRunning(run) && run.id !== before.id);
    expect(after.lastExit).toEqual(waiting.lastExit);
    expect(rig.copies()).toBe(2);
  });

  test('a JVM that ran out of heap is told from a crash', async () => {
    const rig = await create();
    await rig.supervisor.start();
    await waitForRun(rig, isRunning);
    await rig.crash(3);
    const { lastExit } = await waitForRun(rig, (run) => run.lastExit !== null);
    expect(lastExit?.kind).toBe('jvm-oom');
  });

  test('without a started copy nothing starts, every look says why, and it starts once there is one', async () => {
    const rig = await create();
    rig.setCopyFails(true);
    await rig.supervisor.start();
    await rig.pass(300);
    await expect(rig.supervisor.observe()).rejects.toMatchObject({ code: 'SUPERVISOR_FAILED' });
    rig.setCopyFails(false);
    await rig.pass(3_000);
    const run = await waitForRun(rig, isRunning);
    expect(run.lastExit).toBeNull();
    expect(rig.copies()).toBe(1);
  });

  test('somebody who waits for a change is told of a start and of an end', async () => {
    const rig = await create();
    let calls = 0;
    rig.supervisor.onChange(() => {
      calls += 1;
    });
    await rig.supervisor.start();
    await waitForRun(rig, isRunning);
    const atStart = calls;
    expect(atStart).toBeGreaterThan(0);
    await rig.crash(7);
    await waitForRun(rig, ({ lastExit }) => lastExit !== null);
    expect(calls).toBeGreaterThan(atStart);
  });

  test('the tail marks where a run begins and is never longer than asked', async () => {
    const rig = await create();
    expect(await rig.supervisor.tail(10)).toEqual([]);
    await rig.supervisor.start();
    const { id } = await waitForRun(rig, isRunning);
    const lines = await rig.supervisor.tail(1_000);
    expect(lines[0]).toContain(`run ${id} begins`);
    expect(await rig.supervisor.tail(1)).toHaveLength(1);
    expect(await rig.supervisor.tail(0)).toEqual([]);
  });

  test('after close nothing runs, and wishes are refused', async () => {
    const rig = await create();
    await rig.supervisor.start();
    await waitForRun(rig, isRunning);
    const closing = rig.supervisor.close();
    await rig.pass(1_000);
    await closing;
    expect((await rig.supervisor.observe()).run.state).toBe('stopped');
    await expect(rig.supervisor.restart()).rejects.toMatchObject({ code: 'SUPERVISOR_FAILED' });
  });
}
