import { decideHostKey } from '../../core/access/host-key.ts';
import { knownHostsLineOf } from '../../core/access/key-file.ts';
import type { AccessMemory } from '../../core/access/memory.ts';
import { AgentError } from '../../core/errors.ts';
import type { AccessObjects } from '../../ports/access.ts';
import { type AccessParts, problem, type StepResult } from './step.ts';

/** Puts the public known_hosts line where the original CLI reads it: when nothing lies there, or another line. */
export async function publishHostKey(
  { objects, hostKey }: AccessParts,
  memory: AccessMemory,
): Promise<StepResult> {
  if (objects === null) return { problems: [] };
  const key = await hostKey();
  const line = key === null ? null : knownHostsLineOf(key.text);
  if (key === null || line === null) {
    const message = 'this machine has no usable host key yet: systemctl status gateway-access-setup';
    return { problems: [problem('HostKeyMissing', message)] };
  }
  const { madeAt } = key;
  const read = await readOrNull(objects);
  if (read === null) {
    // May be written but not read: put once, and when the key is another one.
    if (memory.hostKey !== line) await objects.putHostKey({ line, madeAt }, undefined);
    return { problems: [], memory: { hostKey: line } };
  }
  const published = read.kind === 'found' ? read.value : null;
  const decision = read.kind === 'too-large' ? 'put' : decideHostKey({ line, madeAt, published });
  if (decision === 'same') return { problems: [], memory: { hostKey: line } };
  if (decision === 'leave-to-newer') {
    const message = 'a newer gateway of this system has published its host key, so tunnels do not lead here';
    return { problems: [problem('NewerGateway', message)] };
  }
  const tag = read.kind === 'found' ? read.tag : read.kind === 'absent' ? null : undefined;
  const isPut = await objects.putHostKey({ line, madeAt }, tag);
  // Somebody else was faster: the next run looks again.
  return { problems: [], ...(isPut ? { memory: { hostKey: line } } : {}) };
}

/** null where reading is not allowed. */
async function readOrNull(objects: AccessObjects) {
  try {
    return await objects.readHostKey();
  } catch (error) {
    if (error instanceof AgentError && error.code === 'AWS_DENIED') return null;
    throw error;
  }
}
