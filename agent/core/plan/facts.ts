/** Small questions about what was observed, asked by several sections. */
import type { Attempt, Quarantine } from '../memory.ts';
import type { Observed } from '../observed.ts';
import type { Exit, Run } from '../run.ts';
import type { ReleaseFacts } from '../types.ts';

export const isPaused = ({ memory }: Observed, now: number): boolean =>
  memory.paused !== null && (memory.paused.until === null || now < memory.paused.until);

export const isInStore = ({ store }: Observed, release: ReleaseFacts): boolean =>
  store.some(({ digest }) => digest === release.digest);

const isQuarantineOf = (entry: Quarantine, release: ReleaseFacts): boolean =>
  entry.fingerprint === null ? entry.digest === release.digest : entry.fingerprint === release.fingerprint;

/** The quarantine in which a release lies; null also while it is tried again. */
export const quarantineOf = (
  { memory }: Pick<Observed, 'memory'>,
  release: ReleaseFacts,
): Quarantine | null =>
  memory.quarantined.find((entry) => !entry.isRetrying && isQuarantineOf(entry, release)) ?? null;

/**
 * The release that should be live: the desired one, or what a quarantine leaves of it, or the proven one. Null
 * when nothing is acceptable.
 */
export function chooseTarget(observed: Observed): ReleaseFacts | null {
  const { memory, composite } = observed;
  const whole = (release: ReleaseFacts | null): ReleaseFacts | null =>
    release !== null && isInStore(observed, release) ? release : null;
  const proven = whole(memory.proven) ?? whole(memory.inherited);
  const desired = whole(memory.desired);
  if (desired === null) return proven;
  const entry = quarantineOf(observed, desired);
  if (entry === null) return desired;
  // The release that failed goes back as a whole; a later one with the same fault keeps its metaschemas.
  if (entry.fingerprint === null || entry.digest === desired.digest || proven === null) return proven;
  const usable = composite !== null && quarantineOf(observed, composite) === null ? whole(composite) : null;
  return usable ?? proven;
}

/** The target, where the process has something to run: without a catalog there is nothing that it could answer. */
export function chooseRunnable(observed: Observed): ReleaseFacts | null {
  const target = chooseTarget(observed);
  return target === null || target.catalogs.length === 0 ? null : target;
}

/** The desired release is not what is aimed at, because it failed. */
export const isFallingBack = (observed: Observed): boolean => {
  const { desired } = observed.memory;
  return desired !== null && quarantineOf(observed, desired) !== null;
};

export const isAlive = ({ state }: Run): boolean => state === 'running' || state === 'starting';

export const isDown = ({ state }: Run): boolean => state === 'stopped' || state === 'failed';

/** The process that is observed belongs to the attempt, not to what the attempt replaces. */
export const isRunOfAttempt = (attempt: Attempt, run: Run): boolean =>
  run.id !== null && run.id !== attempt.replaces;

export const isServing = ({ run, probe }: Observed): boolean =>
  run.state === 'running' && run.id !== null && probe?.run === run.id && probe.state === 'serving';

export const isProvenFingerprint = ({ memory }: Observed, fingerprint: string): boolean =>
  memory.proven?.fingerprint === fingerprint;

export const isOutOfMemory = ({ kind }: Exit): boolean => kind === 'jvm-oom' || kind === 'kernel-oom';

export const short = (digest: string): string => digest.slice(0, 8);
