/** A release with the fingerprint that runs goes live without a restart, and is proven by time and quiet. */
import { DIGEST_EXITS } from '../limits.ts';
import { chooseTarget, isProvenFingerprint, isServing, short } from './facts.ts';
import { act, type Section, wait } from './step.ts';

export const watchPublished: Section = (observed, now) => {
  const { memory, intent, started, limits } = observed;
  const target = chooseTarget(observed);
  if (target === null || memory.attempt !== null || memory.sick !== null) return null;
  if (intent?.release.digest !== target.digest || intent.phase !== 'published') return null;
  if (memory.proven?.digest === target.digest || !isProvenFingerprint(observed, target.fingerprint))
    return null;
  if (started?.fingerprint !== target.fingerprint) return null;

  const { watch } = memory;
  if (watch === null || watch.digest !== target.digest) {
    return act(`release ${short(target.digest)} is watched`, {
      kind: 'watch',
      watch: { digest: target.digest, since: now, exitsAt: [] },
    });
  }
  if (watch.exitsAt.length >= DIGEST_EXITS) {
    const reason = `the analytics process ended ${watch.exitsAt.length} times after it went live`;
    return act(`release ${short(target.digest)} is quarantined: ${reason}`, {
      kind: 'quarantine',
      quarantine: {
        fingerprint: null,
        digest: target.digest,
        kind: 'exit',
        reason,
        log: observed.log,
        at: now,
        retryAt: null,
        tries: 1,
        isRetrying: false,
      },
    });
  }
  const provenAt = watch.since + limits.publishStableMs;
  if (now < provenAt) return wait('live; proven when it has been read and all stays quiet', provenAt);
  if (!isServing(observed)) return wait('live; waiting until the analytics process is serving', null);
  return act(`release ${short(target.digest)} is proven`, { kind: 'prove', release: target, at: now });
};
