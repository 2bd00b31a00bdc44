/**
 * What an onlooker knows: what was synced, what runs, what was asked and answered, what the status says. The promises
 * are judged by it and by nothing that the planner thinks.
 */
import type { Memory, Quarantine } from '../../../../agent/core/memory.ts';
import type { OpenRequest } from '../../../../agent/core/observed.ts';
import type { Exit } from '../../../../agent/core/run.ts';
import type { ReleaseFacts } from '../../../../agent/core/types.ts';
import type { Behaviour } from '../../../fakes/plan-engine.ts';
import type { Files } from '../../../fakes/plan-source.ts';
import type { WorldEvent } from '../../../fakes/plan-world.ts';

/** The part of what the agent remembers that its status document shows. */
export type Status = Pick<
  Memory,
  'desired' | 'proven' | 'quarantined' | 'exposure' | 'kept' | 'refused' | 'paused'
>;

export type Happening =
  | WorldEvent
  /** The agent has a new cut of the source. */
  | { readonly kind: 'cut'; readonly files: Files }
  | { readonly kind: 'asked'; readonly request: OpenRequest }
  | { readonly kind: 'clock-set'; readonly byMs: number }
  | { readonly kind: 'reboot' }
  | { readonly kind: 'agent-died' }
  /** No agent looks from here on until the next `settled`. */
  | { readonly kind: 'agent-away' };

export type Paused = 'yes' | 'no' | 'perhaps';

export interface RunNote {
  readonly id: string;
  readonly release: ReleaseFacts;
  readonly how: Behaviour;
  readonly isOfAgent: boolean;
  readonly isRollback: boolean;
  readonly replaces: string | null;
  readonly beganAt: number;
  servedAt: number | null;
  endedAt: number | null;
  exit: Exit | null;
}

export interface Asked {
  readonly request: OpenRequest;
  readonly at: number;
  /** How many runs had begun. */
  readonly runs: number;
  /** `perhaps`: its end was counted by a clock that was set since. */
  readonly wasPaused: Paused;
  isAnswered: boolean;
}

export interface Failure {
  readonly fingerprint: string | null;
  readonly digest: string;
  readonly kind: string;
  readonly at: number;
  /** Since then it may be tried again: another configuration was wanted, or a person said so. */
  isLifted: boolean;
}

/** Times are those of the clock that only goes on, but for `now`. */
export interface Notes {
  now: number;
  at: number;
  status: Status;
  cut: Files | null;
  live: ReleaseFacts | null;
  isLiveWhole: boolean;
  liveSince: number;
  readonly runs: RunNote[];
  readonly asked: Map<string, Asked>;
  readonly failures: Failure[];
  /** What was proven last in each group. */
  readonly baselines: Map<string, ReleaseFacts>;
  readonly yes: { exposure: boolean; deletion: boolean };
  pause: { readonly until: number | null; readonly at: number } | null;
  /** The last time that was in a pause, perhaps. */
  pausedAt: number | null;
  clockSetAt: number | null;
  bootedAt: number;
  diedAt: number | null;
  /** The last time without an agent that looked. */
  awayAt: number | null;
  retriedAt: number;
  isAway: boolean;
  isMemorySufficient: boolean;
  /** When there was too little last. */
  memoryShortAt: number | null;
  isSourceAway: boolean;
  isSourcePending: boolean;
}

const EMPTY: Status = {
  desired: null,
  proven: null,
  quarantined: [],
  exposure: null,
  kept: {},
  refused: null,
  paused: null,
};

export const createNotes = (): Notes => ({
  now: 0,
  at: 0,
  status: EMPTY,
  cut: null,
  live: null,
  isLiveWhole: true,
  liveSince: 0,
  runs: [],
  asked: new Map(),
  failures: [],
  baselines: new Map(),
  yes: { exposure: false, deletion: false },
  pause: null,
  pausedAt: null,
  clockSetAt: null,
  bootedAt: 0,
  diedAt: null,
  awayAt: null,
  retriedAt: 0,
  isAway: false,
  isMemorySufficient: true,
  memoryShortAt: null,
  isSourceAway: false,
  isSourcePending: false,
});

export const lastRun = ({ runs }: Notes): RunNote | null => runs.at(-1) ?? null;

/** The run that is alive. */
export const aliveRun = (notes: Notes): RunNote | null => {
  const last = lastRun(notes);
  return last?.endedAt === null ? last : null;
};

/** The clock was set since then: what is measured in its time is not judged. */
export const wasClockSet = ({ clockSetAt }: Notes, since: number): boolean =>
  clockSetAt !== null && clockSetAt >= since;

export function pausedNow(notes: Notes): Paused {
  const { pause, now } = notes;
  if (pause === null) return 'no';
  if (pause.until === null) return 'yes';
  return wasClockSet(notes, pause.at) ? 'perhaps' : now < pause.until ? 'yes' : 'no';
}

/** Until somebody says `resume`. */
export const isPausedForGood = ({ pause }: Notes): boolean => pause !== null && pause.until === null;

export const isQuarantined = ({ status }: Notes, release: ReleaseFacts): boolean =>
  status.quarantined.some(
    ({ fingerprint, digest, isRetrying }) =>
      !isRetrying && (fingerprint === null ? digest === release.digest : fingerprint === release.fingerprint),
  );

/** Its time goes with a clock that is set back. */
export const isSameEntry = ({ status }: Notes, entry: Quarantine): boolean =>
  status.quarantined.some(
    ({ digest, tries, reason }) =>
      digest === entry.digest && tries === entry.tries && reason === entry.reason,
  );
