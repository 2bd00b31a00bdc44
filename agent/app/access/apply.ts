/**
 * Brings client access in line with settings, bucket and instance: once, in an order that fails closed.
 *
 * INVARIANTS
 * - Keys of ec2-user are where sshd reads them only while the packet filter is in force.
 * - What cannot be read, or is not valid, changes nothing: the last good keys and targets stay.
 * - No step's failure keeps another from being done.
 */

import { ACCESS_FILES } from '../../core/access/layout.ts';
import { type AccessMemory, EMPTY_ACCESS_MEMORY, readAccessMemory } from '../../core/access/memory.ts';
import { type AccessProblem, printReport } from '../../core/access/report.ts';
import { toAgentError } from '../../core/errors.ts';
import { troubleOf } from '../../core/trouble.ts';
import { followAdminKeys } from './admin-keys.ts';
import { followClientKeys, installClientKeys } from './client-keys.ts';
import { publishHostKey } from './host-key.ts';
import type { AccessParts, GuardParts, StepResult } from './step.ts';
import { applyTargets } from './targets.ts';

/** Does one thing after the other; what fails is a problem and keeps no other from being done, but for a bug. */
function createSteps() {
  const problems: AccessProblem[] = [];
  let memory: AccessMemory = EMPTY_ACCESS_MEMORY;
  return {
    problems,
    memory: () => memory,
    async step(work: () => Promise<StepResult>): Promise<boolean> {
      try {
        const result = await work();
        memory = { ...memory, ...result.memory };
        problems.push(...result.problems);
        return true;
      } catch (thrown) {
        const error = toAgentError(thrown);
        if (error.code === 'INVARIANT') throw error;
        problems.push(troubleOf('ClientAccess', error));
        return false;
      }
    },
  };
}

type Steps = ReturnType<typeof createSteps>;

/** True when the packet filter is in force; the last good keys are where sshd reads them exactly then. */
async function guard({ step }: Steps, parts: GuardParts): Promise<boolean> {
  const isFiltered = await step(async () => {
    await parts.filter.load();
    return { problems: [] };
  });
  await step(() => installClientKeys(parts, isFiltered));
  return isFiltered;
}

/** What is done where the settings cannot be read: packet filter and keys are held together all the same. */
export async function guardAccess(parts: GuardParts): Promise<readonly AccessProblem[]> {
  const steps = createSteps();
  await guard(steps, parts);
  return steps.problems;
}

/** Resolves with all that is wrong; rejects only where not even that can be written down. */
export async function applyAccess(parts: AccessParts): Promise<readonly AccessProblem[]> {
  const { kept, live, clock } = parts;
  const steps = createSteps();
  const { step, memory, problems } = steps;

  await step(async () => ({ problems: [], memory: readAccessMemory(await kept.read(ACCESS_FILES.memory)) }));
  const before = memory();
  // The last good keys first: whatever hangs from here on, who could log in before the boot can now.
  const isFiltered = await guard(steps, parts);
  await step(() => applyTargets(parts, memory()));
  const isFollowed = await step(() => followClientKeys(parts, memory()));
  if (isFollowed && isFiltered) await step(() => installClientKeys(parts, isFiltered));
  await step(() => followAdminKeys(parts));
  await step(() => publishHostKey(parts, memory()));
  const after = JSON.stringify(memory());
  if (after !== JSON.stringify(before)) {
    await step(async () => {
      await kept.write(ACCESS_FILES.memory, `${after}\n`);
      return { problems: [] };
    });
  }
  await live.write(ACCESS_FILES.report, printReport(problems, clock.now()));
  return problems;
}
