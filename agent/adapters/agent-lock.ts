import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AgentError } from '../core/errors.ts';
import { readBootId, readProcess } from './process-table.ts';

const TRIES = 5;

/**
 * Keeps a second agent off the same state: two of them would end each other's analytics process. The lock names the
 * holder by pid, start time and boot, so that one left behind by a killed agent holds nobody up. Resolves with the
 * release; rejects with ALREADY_RUNNING, or STATE_FAILED.
 */
export async function takeAgentLock(path: string): Promise<() => Promise<void>> {
  const own = await readProcess(process.pid);
  const mine = JSON.stringify({ ...own, bootId: await readBootId() });
  const draft = `${path}.${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, mine, { mode: 0o600 });
    for (let tries = 0; tries < TRIES; tries += 1) {
      // A link appears whole or not at all, and never over another.
      const isTaken = await link(draft, path).then(
        () => false,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return true;
          throw error;
        },
      );
      if (!isTaken) return () => rm(path, { force: true });
      const holder = await readHolder(path);
      if (holder !== null) {
        throw new AgentError('ALREADY_RUNNING', 'another agent works on this state', {
          fields: { pid: holder, path },
        });
      }
      await rm(path, { force: true });
    }
    throw new AgentError('STATE_FAILED', 'the lock changes hands all the time', { fields: { path } });
  } catch (error) {
    if (error instanceof AgentError) throw error;
    throw new AgentError('STATE_FAILED', 'cannot take the lock', { fields: { path }, cause: error });
  } finally {
    await rm(draft, { force: true });
  }
}

/** The pid of the agent that holds the lock; null when none does. */
async function readHolder(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const { pid, startTime, bootId } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== 'number' || bootId !== (await readBootId())) return null;
    return (await readProcess(pid))?.startTime === startTime ? pid : null;
  } catch {
    // A lock that cannot be read was torn by a power cut: nobody of this boot holds it.
    return null;
  }
}
