import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from 'vitest';
import type { Digest } from '../../agent/core/types.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { createFakeSupervisor } from '../fakes/fake-supervisor.ts';
import { createChildRig } from '../support/child-rig.ts';
import { describeSupervisor } from './supervisor.suite.ts';

describe('the child supervisor, over real processes', () => {
  describeSupervisor(async () => {
    // A program that exits with the status that a signal of ours stands for.
    const program = 'trap "exit 7" USR1; trap "exit 3" USR2; echo up; while :; do sleep 0.05; done';
    const rig = await createChildRig({ command: ['/bin/bash', '-c', program] });
    const supervisor = rig.create();
    return {
      supervisor,
      crash: async (status) => {
        const { run } = await supervisor.observe();
        // The trap has to be set before the signal comes.
        while (!(await supervisor.tail(1)).includes('up')) await sleep(20);
        if (run.pid !== null) process.kill(run.pid, status === 3 ? 'SIGUSR2' : 'SIGUSR1');
      },
      setCopyFails: rig.setCopyFails,
      copies: rig.copies,
      pass: (ms) => sleep(ms),
    };
  });
});

describe('the supervisor in memory that tests of the agent use', () => {
  describeSupervisor(async () => {
    const clock = createFakeClock();
    let copies = 0;
    let fails = false;
    const makeStartedCopy = async () => {
      if (fails) throw new Error('told to fail');
      copies += 1;
      return { digest: String(copies).padStart(64, '0') as Digest, madeAt: clock.now() };
    };
    const fake = createFakeSupervisor({ clock, makeStartedCopy });
    return {
      supervisor: fake.supervisor,
      crash: async (status) => fake.die({ status }),
      setCopyFails: (value) => {
        fails = value;
      },
      copies: () => copies,
      pass: (ms) => clock.advance(ms),
    };
  });
});
