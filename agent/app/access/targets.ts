import { ACCESS_FILES } from '../../core/access/layout.ts';
import type { AccessMemory } from '../../core/access/memory.ts';
import { chooseTargets, readPermitOpen, renderPermitOpen } from '../../core/access/permit-open.ts';
import type { AccessProblem } from '../../core/access/report.ts';
import { type AccessParts, problem, type StepResult } from './step.ts';

/**
 * Renders where sshd may forward to. Nothing goes live that sshd itself does not read as exactly that; it is told
 * only when something changed, and told again when that was cut off.
 */
export async function applyTargets(parts: AccessParts, memory: AccessMemory): Promise<StepResult> {
  const { kept, sshd, system, permitOpen } = parts;
  const told = await parts.groups();
  const groups = told ?? memory.groups;
  const remembered = { memory: { groups } };
  const before = await kept.read(ACCESS_FILES.permitOpen);
  const region = await parts.region();
  if (region === null && permitOpen === null && system !== null && before !== null) {
    const message = 'the region is neither set nor known from instance metadata, so forwarding targets stay';
    return { problems: [problem('RegionUnknown', message)], ...remembered };
  }
  const { targets, ignored } = chooseTargets({ permitOpen, system, region, groups });
  const problems: AccessProblem[] = [];
  if (ignored.length > 0) {
    const message = `nothing is forwarded to ${ignored.length} groups: no part of a host name is called like that`;
    problems.push(problem('GroupIgnored', message));
  }
  const wanted = renderPermitOpen(targets);
  if (wanted !== before) {
    const why = await replace(parts, wanted, before);
    if (why !== null)
      problems.push(problem('TargetsRefused', `forwarding targets stay as they were: ${why}`));
  }
  if ((await kept.read(ACCESS_FILES.reloadWanted)) !== null) {
    const why = await sshd.test();
    if (why !== null) problems.push(problem('SshdRefused', `sshd refuses its configuration: ${why}`));
    else {
      await sshd.reload();
      await kept.remove(ACCESS_FILES.reloadWanted);
    }
  }
  return { problems, ...remembered };
}

/** Null when it lies there and sshd accepts it; else why the file is as before. */
async function replace(
  { kept, sshd }: AccessParts,
  wanted: string,
  before: string | null,
): Promise<string | null> {
  const judged = await sshd.judge(wanted);
  if (!judged.isValid) return `sshd refuses them: ${judged.why}`;
  const targets = readPermitOpen(wanted) ?? [];
  if (JSON.stringify([...judged.targets].sort()) !== JSON.stringify([...targets].sort())) {
    return 'sshd reads something else in them';
  }
  await kept.write(ACCESS_FILES.reloadWanted, '');
  await kept.write(ACCESS_FILES.permitOpen, wanted);
  const why = await sshd.test();
  if (why === null) return null;
  if (before === null) await kept.remove(ACCESS_FILES.permitOpen);
  else await kept.write(ACCESS_FILES.permitOpen, before);
  await kept.remove(ACCESS_FILES.reloadWanted);
  return `sshd refuses its configuration: ${why}`;
}
