/**
 * A tunnel's life as plain data. Nothing here waits or looks: events come in with their time, and `next` says what is
 * to be done.
 *
 * INVARIANTS
 * - Each try looks up address and keys anew.
 * - A try that fails is followed by a wait that grows, with jitter, up to a cap; being up starts that anew.
 * - While the server's return must be noticed soon the cap is short: a tunnel is back within 5 s of it.
 */
import { chooseBackoffMs } from '../backoff.ts';
import { type Persistence, TUNNEL_FAILURES, type TunnelFailure } from './failure.ts';
import type { Gateway } from './target.ts';

const BACKOFF_BASE_MS = 250;
/** Together with a look-up and a connection below the 5 s that are promised. */
const BACKOFF_CAP_MS = 3_000;
/** After an hour nobody waits before the screen, and asking AWS each 3 s is no use. */
const LONG_AFTER_MS = 3_600_000;
const LONG_CAP_MS = 30_000;
/** A gateway that is not there at the first try is told of soon: scripts wait for it. */
const FIRST_CONNECT_MS = 20_000;
/** From a new instance's first answer to its keys being in the bucket. */
const BRIEF_MS = 120_000;
/** A tick that comes this much late: the machine slept. */
const JUMP_MS = 5_000;

export interface TunnelState {
  readonly beganAt: number;
  /** The last gateway that a look-up found. */
  readonly gateway: Gateway | null;
  /** Times that it came up. */
  readonly upCount: number;
  /** Since when it is up; null while it is not. */
  readonly upAt: number | null;
  /** Since when it is down after having been up. */
  readonly lostAt: number | null;
  /** The instance to which it was up last. */
  readonly upInstance: string | null;
  /** Tries in a row that failed. */
  readonly failures: number;
  readonly failure: TunnelFailure | null;
  /** Since when each try ends with a failure that is only tried again briefly. */
  readonly briefSince: number | null;
  readonly next: NextStep;
}

export type NextStep =
  | { readonly kind: 'try' }
  | { readonly kind: 'watch' }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'end'; readonly failure: TunnelFailure };

export type TunnelEvent =
  | { readonly kind: 'found'; readonly gateway: Gateway; readonly at: number }
  | { readonly kind: 'up'; readonly at: number }
  | { readonly kind: 'failed'; readonly failure: TunnelFailure; readonly at: number; readonly random: number }
  /** The wait is over, or the machine woke from sleep: old back-offs mean nothing. */
  | { readonly kind: 'waited'; readonly at: number; readonly hasSlept: boolean };

export function beginTunnel(at: number): TunnelState {
  return {
    beganAt: at,
    gateway: null,
    upCount: 0,
    upAt: null,
    lostAt: null,
    upInstance: null,
    failures: 0,
    failure: null,
    briefSince: null,
    next: { kind: 'try' },
  };
}

export function advanceTunnel(state: TunnelState, event: TunnelEvent): TunnelState {
  switch (event.kind) {
    case 'found':
      return { ...state, gateway: event.gateway };
    case 'up':
      return {
        ...state,
        upCount: state.upCount + 1,
        upAt: event.at,
        lostAt: null,
        upInstance: state.gateway?.instance ?? null,
        failures: 0,
        failure: null,
        briefSince: null,
        next: { kind: 'watch' },
      };
    case 'waited':
      return { ...state, failures: event.hasSlept ? 0 : state.failures, next: { kind: 'try' } };
    case 'failed':
      return fail(state, event);
  }
}

function fail(state: TunnelState, event: Extract<TunnelEvent, { kind: 'failed' }>): TunnelState {
  const { failure, at, random } = event;
  const wasUp = state.upAt !== null;
  const persistence: Persistence = TUNNEL_FAILURES[failure.kind][state.upCount === 0 ? 'first' : 'later'];
  const failures = wasUp ? 1 : state.failures + 1;
  const failed: TunnelState = {
    ...state,
    upAt: null,
    lostAt: wasUp ? at : state.lostAt,
    failures,
    failure,
    briefSince: persistence === 'brief' ? (state.briefSince ?? at) : null,
  };
  if (isOver(failed, persistence, at)) return { ...failed, next: { kind: 'end', failure } };
  const downMs = at - (failed.lostAt ?? state.beganAt);
  const capMs = downMs > LONG_AFTER_MS ? LONG_CAP_MS : BACKOFF_CAP_MS;
  const waitMs = chooseBackoffMs({ failures, baseMs: BACKOFF_BASE_MS, capMs, random });
  return { ...failed, next: { kind: 'wait', until: at + waitMs } };
}

function isOver(state: TunnelState, persistence: Persistence, at: number): boolean {
  switch (persistence) {
    case 'end':
      return true;
    case 'brief':
      return at - (state.briefSince ?? at) > BRIEF_MS;
    case 'retry':
      return state.upCount === 0 && at - state.beganAt > FIRST_CONNECT_MS;
  }
}

/** Whether the machine slept through a span that should have taken `plannedMs`. A clock set back is no sleep. */
export function hasSlept(span: { readonly from: number; readonly to: number; readonly plannedMs: number }) {
  return span.to - span.from > span.plannedMs + JUMP_MS;
}
