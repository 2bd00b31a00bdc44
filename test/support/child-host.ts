/** A program that is nothing but a child supervisor: an agent to be killed. Told by one JSON argument. */
import { createChildSupervisor } from '../../agent/adapters/child-supervisor.ts';
import { createClock } from '../../agent/adapters/clock.ts';

const { command, env, cwd, runDir, startedDir } = JSON.parse(process.argv[2] ?? '{}');
const copy = { digest: '0'.repeat(64), madeAt: 0 } as never;

const supervisor = createChildSupervisor({
  command,
  env,
  cwd,
  runDir,
  startedDir,
  makeStartedCopy: async () => copy,
  readStartedCopy: async () => copy,
  clock: createClock(),
  graceMs: 300,
});
await supervisor.start();
process.stdout.write('accepted\n');
setInterval(() => void supervisor.observe(), 50);
