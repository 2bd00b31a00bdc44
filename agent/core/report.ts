import type { Effect } from './effect/effect.ts';
import { printInstant } from './instant.ts';
import type { Memory } from './memory.ts';
import type { Observed } from './observed.ts';
import { isServing } from './plan/facts.ts';
import type { Condition, Status, StatusHold, StatusRelease } from './status.ts';
import type { ReleaseFacts } from './types.ts';

/** What the status says of agent and machine. */
export interface Identity {
  readonly system: string | null;
  readonly instance: Status['instance'];
  readonly agent: { readonly version: string; readonly pid: number; readonly startedAt: number };
  readonly heapBytes: number;
}

const releaseOf = (release: ReleaseFacts | null): StatusRelease | null =>
  release === null
    ? null
    : {
        digest: release.digest,
        snapshot: release.snapshot,
        at: printInstant(release.origin.at),
        by: release.origin.by,
      };

function holdsOf(memory: Memory): readonly StatusHold[] {
  const deletions = Object.values(memory.kept).map(
    ({ paths, snapshot, at }): StatusHold => ({
      kind: 'deletion',
      snapshot,
      paths,
      reason: 'gone with the whole directory; kept live until a person agrees',
      at: printInstant(at),
    }),
  );
  const { exposure } = memory;
  if (exposure === null) return deletions;
  return [
    ...deletions,
    {
      kind: 'exposure',
      snapshot: exposure.snapshot,
      paths: exposure.paths.map(({ path }) => path),
      reason: exposure.paths.map(({ path, reason }) => `${path}: ${reason}`).join('; '),
      at: printInstant(exposure.at),
    },
  ];
}

function analyticsOf(observed: Observed, identity: Identity): Status['analytics'] {
  const { run, probe, memory } = observed;
  const { lastRestart } = memory;
  return {
    // The contract knows no `unknown`; condition StepFailed says why.
    state: run.state === 'unknown' ? 'failed' : run.state,
    serving: isServing(observed),
    queriesRunning: probe?.queries.length ?? 0,
    pid: run.pid,
    startedAt: run.startedAt === null ? null : printInstant(run.startedAt),
    engine: probe?.engine ?? null,
    heap: identity.heapBytes,
    restarts: memory.restarts,
    lastRestart: lastRestart === null ? null : { ...lastRestart, at: printInstant(lastRestart.at) },
  };
}

/** The document is read by people, and sent to the bucket on every change. */
const MOST_METASCHEMAS = 100;

/** The status document of the contract. Pure. */
export function buildStatus(options: {
  readonly observed: Observed;
  readonly conditions: readonly Condition[];
  readonly identity: Identity;
  readonly source: {
    readonly uri: string;
    readonly groups: readonly string[];
    readonly lastPollAt: number | null;
    readonly lastSuccessAt: number | null;
    readonly error: string | null;
  };
  readonly reason: string;
  readonly effect: Effect | null;
  readonly now: number;
}): Status {
  const { observed, identity, source, now } = options;
  const { memory, intent } = observed;
  const { refused, paused } = memory;
  const instant = (at: number | null) => (at === null ? null : printInstant(at));
  return {
    version: 1,
    at: printInstant(now),
    system: identity.system,
    instance: identity.instance,
    agent: { ...identity.agent, startedAt: printInstant(identity.agent.startedAt) },
    source: {
      uri: source.uri,
      group: memory.group?.name ?? null,
      groups: source.groups,
      lastPollAt: instant(source.lastPollAt),
      lastSuccessAt: instant(source.lastSuccessAt),
      error: source.error,
    },
    desired: releaseOf(memory.desired),
    effective: releaseOf(intent?.phase === 'published' ? intent.release : null),
    proven: releaseOf(memory.proven),
    held: holdsOf(memory),
    refused: refused === null ? null : { ...refused, at: printInstant(refused.at) },
    paused: paused === null ? null : { ...paused, at: printInstant(paused.at), until: instant(paused.until) },
    quarantined: memory.quarantined.map(({ fingerprint, digest, reason, log, at, retryAt }) => ({
      fingerprint,
      digest,
      reason,
      log,
      at: printInstant(at),
      retryAt: instant(retryAt),
    })),
    analytics: analyticsOf(observed, identity),
    metaschemas: options.effect?.metaschemas.slice(0, MOST_METASCHEMAS) ?? [],
    reason: options.reason,
    conditions: options.conditions,
  };
}
