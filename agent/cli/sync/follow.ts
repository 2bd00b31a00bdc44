/** Follows what a gateway makes of a sync, by the copy of its status in S3. */
import { AgentError } from '../../core/errors.ts';
import { parseInstant } from '../../core/instant.ts';
import { type DecidedOutcome, judgeSync, type SyncOutcome } from '../../core/sync/outcome.ts';
import type { Bucket } from '../../ports/operators.ts';
import { CliError } from '../cli-error.ts';
import type { Cli } from '../context.ts';
import { printSpan, printTime } from '../print.ts';
import { readNewestStatus, type StatusCopy } from '../status-copies.ts';
import { createFollowLine } from './follow-line.ts';
import { concludeSync, type Followed } from './follow-result.ts';
import type { Talk } from './talk.ts';

const LOOK_EVERY_MS = 1_000;
/** A copy says the same as before the sync: this long it may be that the gateway has not looked yet. */
const GRACE_MS = 15_000;
/** A gateway puts a copy every 15 minutes even when nothing changes. */
const STALE_MS = 20 * 60_000;
/** Where no gateway is known to live it is given this long to say something. */
const NOBODY_MS = 60_000;

export interface Follower {
  /** Takes note of what is said before the sync. */
  look(signal: AbortSignal): Promise<void>;
  follow(options: {
    readonly talk: Talk;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<Followed>;
}

export function createFollower(
  cli: Cli,
  options: {
    readonly bucket: Bucket;
    readonly system: string;
    readonly group: string;
    readonly snapshot: string;
  },
): Follower {
  const { bucket, system } = options;
  let before: StatusCopy | null = null;
  let copy: StatusCopy | null = null;
  /** Why the last look failed; null when it did not. */
  let trouble: string | null = null;

  const look = async (signal: AbortSignal): Promise<void> => {
    try {
      copy = (await readNewestStatus(bucket, system, signal, copy))?.copy ?? null;
      trouble = null;
    } catch (error) {
      const isPassing =
        error instanceof AgentError &&
        ['AWS_UNREACHABLE', 'AWS_THROTTLED', 'SOURCE_TORN'].includes(error.code);
      if (!isPassing) throw error;
      trouble = error.message;
    }
  };

  const judge = (one: StatusCopy | null): SyncOutcome | null =>
    one === null ? null : judgeSync(one.status, options);

  /** Decided, and said by a gateway that has seen this sync, or had time to. */
  const isDecided = (outcome: SyncOutcome | null, elapsedMs: number): outcome is DecidedOutcome => {
    if (outcome === null || outcome.kind === 'waiting' || copy === null) return false;
    if (cli.now() - copy.putAt > STALE_MS) return false;
    return outcome.kind !== judge(before)?.kind || elapsedMs >= GRACE_MS;
  };

  const isNobodyThere = (elapsedMs: number): boolean => {
    if (elapsedMs < NOBODY_MS || trouble !== null) return false;
    return copy === null || (copy.tag === before?.tag && cli.now() - copy.putAt > STALE_MS);
  };

  return {
    async look(signal) {
      await look(signal);
      before = copy;
    },

    async follow({ talk, timeoutMs, signal }) {
      const beganAt = cli.now();
      const line = await createFollowLine(cli);
      let isLiveSaid = false;
      try {
        for (;;) {
          await look(signal);
          const [outcome, elapsedMs] = [judge(copy), cli.now() - beganAt];
          const isLive = outcome?.kind === 'waiting' && outcome.isLive;
          if (isLive && !isLiveSaid) line.keep(`live ${printTime(cli.now(), cli.now())}`);
          isLiveSaid ||= isLive;
          if (isDecided(outcome, elapsedMs)) {
            line.clear();
            return concludeSync(outcome, { talk, now: cli.now(), awayMs: findAway(copy, beganAt) });
          }
          const reason =
            trouble ?? (outcome?.kind === 'waiting' ? outcome.reason : 'waiting for the gateway');
          if (isNobodyThere(elapsedMs) || elapsedMs >= timeoutMs) {
            throw giveUp({ elapsedMs, reason, system, isTaken: isTakenUp(outcome) });
          }
          line.draw(reason);
          await cli.sleep(Math.min(LOOK_EVERY_MS, timeoutMs - elapsedMs), signal);
          if (signal.aborted) {
            const advice = `See what comes of it with \`gatewayctl gateway status ${system}\`.`;
            throw new CliError(75, 'no longer following; the sync itself is done', advice);
          }
        }
      } finally {
        line.clear();
      }
    },
  };

  function isTakenUp(outcome: SyncOutcome | null): boolean {
    return outcome?.kind === 'waiting' && outcome.isTaken && copy?.tag !== before?.tag;
  }
}

/** How long SQL was away for the restart that the sync caused; null without one. */
function findAway(copy: StatusCopy | null, sinceAt: number): number | null {
  const restart = copy?.status.analytics.lastRestart ?? null;
  if (restart === null || restart.stopMs === null || restart.startMs === null) return null;
  const isOurs = (parseInstant(restart.at) ?? 0) >= sinceAt - 5_000;
  return isOurs ? restart.stopMs + restart.startMs : null;
}

function giveUp(found: {
  readonly elapsedMs: number;
  readonly reason: string;
  readonly system: string;
  readonly isTaken: boolean;
}): CliError {
  const { elapsedMs, reason, system, isTaken } = found;
  const after = printSpan(elapsedMs);
  if (isTaken) {
    const advice = `Go on looking with \`gatewayctl gateway status ${system}\`.`;
    return new CliError(69, `synced, but not proven after ${after}: ${reason}`, advice);
  }
  const advice = `Look with \`gatewayctl gateway status ${system}\`, or start a gateway with \`gatewayctl gateway enable ${system}\`.`;
  return new CliError(75, `synced, but no gateway has taken it after ${after}: ${reason}`, advice);
}
