import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  describeUnit,
  NOTHING_SEEN,
  parseUnitProperties,
  type SeenUnit,
  UNIT_PROPERTIES,
  type UnitProperties,
} from '../../../../agent/core/engine/unit-properties.ts';
import type { RunId } from '../../../../agent/core/types.ts';

/** What `systemctl show` of systemd 252 printed in that situation; test/cases/systemctl-show/ORIGIN.md says where. */
const recorded = (name: string): UnitProperties =>
  parseUnitProperties(readFileSync(`test/cases/systemctl-show/${name}.txt`, 'utf8'));

const NOW = 5_000;
const look = (unit: UnitProperties, seen: SeenUnit = NOTHING_SEEN, dismissed: RunId | null = null) =>
  describeUnit({ unit, seen, dismissed, now: NOW });

describe('the state of a unit, as systemd 252 showed it', () => {
  test.each([
    ['never-started', 'stopped', false],
    ['running', 'running', true],
    ['waiting-after-exit-7', 'starting', false],
    ['start-pre-of-a-restart', 'starting', false],
    ['running-after-restart', 'running', true],
    ['stopping', 'stopping', true],
    ['stopped', 'stopped', false],
    ['failed-by-slow-stop', 'stopped', false],
    ['slow-restart-1-stopping', 'stopping', true],
    ['slow-restart-2-failed', 'starting', false],
    ['slow-restart-3-running', 'running', true],
    ['waiting-after-start-pre', 'starting', false],
  ])('%s is %s', (name, state, hasProcess) => {
    const { run } = look(recorded(name));
    expect(run.state).toBe(state);
    expect([run.pid !== null, run.startedUs !== null]).toEqual([hasProcess, hasProcess]);
  });

  test('a unit that waits or is stopped has no run', () => {
    for (const name of ['never-started', 'waiting-after-exit-7', 'stopped']) {
      expect(look(recorded(name)).run).toMatchObject({ id: null, pid: null, startedUs: null });
    }
  });

  test('a unit that failed of itself, with no start to come, has failed', () => {
    const unit = { ...recorded('waiting-after-exit-7'), ActiveState: 'failed', SubState: 'failed' };
    expect(look(unit).run.state).toBe('failed');
  });

  test('a process that a job is about to end is stopping', () => {
    expect(look({ ...recorded('running'), Job: '12' }).run.state).toBe('stopping');
  });
});

describe('how the main process ended', () => {
  test.each([
    ['waiting-after-exit-7', 'crash', 'exited with status 7 (exit-code)'],
    ['waiting-after-exit-3', 'jvm-oom', 'exited with status 3: the JVM ran out of memory (exit-code)'],
    ['waiting-after-kill', 'killed', 'ended by SIGKILL (signal)'],
    ['waiting-after-segv', 'crash', 'ended by SIGSEGV (signal)'],
    ['waiting-after-term', 'clean', 'ended by SIGTERM'],
    ['waiting-after-exit-0', 'clean', 'exited with status 0'],
    [
      'waiting-after-kernel-oom',
      'kernel-oom',
      'ended by SIGKILL: the kernel killed it for memory (oom-kill)',
    ],
    [
      'waiting-after-kernel-oom-policy-stop',
      'kernel-oom',
      'ended by SIGKILL: the kernel killed it for memory (oom-kill)',
    ],
    [
      'waiting-after-kernel-oom-of-a-jvm',
      'kernel-oom',
      'ended by SIGKILL: the kernel killed it for memory (oom-kill)',
    ],
    [
      'waiting-after-machine-oom',
      'kernel-oom',
      'ended by SIGKILL: the kernel killed it for memory (oom-kill)',
    ],
    ['waiting-after-jvm-oom', 'jvm-oom', 'exited with status 3: the JVM ran out of memory (exit-code)'],
    // Why the unit must not have this policy: systemd keeps to itself that it was for memory.
    ['waiting-after-kernel-oom-policy-continue', 'killed', 'ended by SIGKILL (signal)'],
  ])('%s is %s', (name, kind, detail) => {
    const unit = recorded(name);
    expect(look(unit).exit).toEqual({ run: unit.InvocationID, at: NOW, kind, detail, isExpected: false });
  });

  test('a stop that took too long is no fault of the run', () => {
    expect(look(recorded('slow-restart-2-failed')).exit).toMatchObject({ kind: 'killed', isExpected: true });
  });

  test('a failure before the main process began is no exit', () => {
    expect(look(recorded('waiting-after-start-pre')).exit).toBeNull();
  });
});

describe('from look to look', () => {
  const running = recorded('running');
  const seen = look(running).seen;

  test('an exit is told once', () => {
    const first = look(recorded('waiting-after-exit-7'), seen);
    expect(first.exit?.run).toBe(running.InvocationID);
    const second = look(recorded('waiting-after-exit-7'), first.seen);
    expect(second.exit).toBeNull();
    expect(look(recorded('running-again'), second.seen).exit).toBeNull();
  });

  test('a run that systemd started again between two looks has crashed', () => {
    expect(look(recorded('running-again'), seen).exit).toMatchObject({
      run: running.InvocationID,
      kind: 'crash',
      isExpected: false,
    });
  });

  test('a run that a job replaced or stopped was ended on purpose', () => {
    for (const name of ['running-after-restart', 'start-pre-of-a-restart', 'stopped']) {
      expect(look(recorded(name), seen).exit).toMatchObject({ run: running.InvocationID, isExpected: true });
    }
  });

  test('a run that the agent sent away and that failed on its way out was ended on purpose', () => {
    const run = running.InvocationID as RunId;
    expect(look(recorded('waiting-after-exit-7'), seen, run).exit?.isExpected).toBe(true);
  });

  test('a restart that needs a KILL is one exit on purpose and one new run', () => {
    let state = look(recorded('slow-restart-1-stopping')).seen;
    const exits = ['slow-restart-2-failed', 'slow-restart-3-running'].flatMap((name) => {
      const { exit, seen: next } = look(recorded(name), state);
      state = next;
      return exit === null ? [] : [exit.isExpected];
    });
    expect(exits).toEqual([true]);
  });
});

test('an output that lacks properties reads as empty ones', () => {
  const unit = parseUnitProperties('ActiveState=active\nnonsense\n');
  expect(Object.keys(unit)).toEqual([...UNIT_PROPERTIES]);
  expect(unit).toMatchObject({ ActiveState: 'active', Job: '', InvocationID: '' });
  expect(parseUnitProperties('').LoadState).toBe('');
});

test('a unit that is not there says so', () => {
  expect(recorded('no-such-unit').LoadState).toBe('not-found');
});
