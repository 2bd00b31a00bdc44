/** Keeps a tunnel up until somebody ends it: looks up, connects, watches, waits, again. */
import { joinSignals } from '../core/join-signals.ts';
import type { TunnelFailure } from '../core/tunnel/failure.ts';
import { type SshCall, tunnelArguments } from '../core/tunnel/ssh-options.ts';
import {
  advanceTunnel,
  beginTunnel,
  hasSlept,
  type TunnelEvent,
  type TunnelState,
} from '../core/tunnel/state.ts';
import { type Gateway, hostOf, type Transport, type TunnelKind } from '../core/tunnel/target.ts';
import type {
  AccessKeys,
  GatewayFinder,
  LocalPorts,
  PortProblem,
  Ssh,
  SshRun,
  TunnelCheck,
} from '../ports/tunnel.ts';
import type { Clock } from '../ports.ts';

/** How often the clock is looked at: a jump means that the machine slept. */
const TICK_MS = 1_000;
/** A tunnel that says nothing for this long after a sleep is dead. */
const PROBE_TIMEOUT_MS = 3_000;

export interface TunnelParts {
  readonly finder: GatewayFinder;
  readonly keys: AccessKeys;
  readonly ssh: Ssh;
  readonly ports: LocalPorts;
  readonly check: TunnelCheck;
  readonly clock: Clock;
  readonly random: () => number;
  /** Called after each change. */
  readonly onState: (state: TunnelState) => void;
  /** Called each second while it is up. */
  readonly onTick: () => void;
}

export interface TunnelWish {
  readonly kind: TunnelKind;
  readonly port: number;
  readonly transport: Transport;
  readonly extraOptions: readonly string[];
}

export type TunnelEnd =
  /** By `signal`, or because `onUp` was all that was wanted. */
  | { readonly kind: 'ended' }
  /** `error` is what a look-up rejected with, where that was it. */
  | { readonly kind: 'failed'; readonly failure: TunnelFailure; readonly error: unknown };

/** What a try ended with. */
interface Fault {
  readonly failure: TunnelFailure;
  readonly error?: unknown;
}

/**
 * Resolves when `signal` aborts, ssh being gone by then, or when trying again is of no use. `onUp` is called in each
 * new connection; what it resolves with true ends the tunnel.
 */
export async function keepTunnel(
  parts: TunnelParts,
  wish: TunnelWish,
  signal: AbortSignal,
  onUp: (run: SshRun) => Promise<boolean> = async () => false,
): Promise<TunnelEnd> {
  const { clock } = parts;
  let state = beginTunnel(clock.now());
  let error: unknown = null;
  const advance = (event: TunnelEvent) => {
    state = advanceTunnel(state, event);
    parts.onState(state);
  };

  while (!signal.aborted) {
    const { next } = state;
    if (next.kind === 'end') return { kind: 'failed', failure: next.failure, error };
    if (next.kind === 'wait') {
      const slept = await wait(parts, next.until - clock.now(), signal);
      advance({ kind: 'waited', at: clock.now(), hasSlept: slept });
      continue;
    }
    const fault = await connect(parts, { wish, signal, advance, onUp, known: state.gateway });
    if (fault === null || signal.aborted) break;
    error = fault.error ?? null;
    advance({ kind: 'failed', failure: fault.failure, at: clock.now(), random: parts.random() });
  }
  return { kind: 'ended' };
}

/** One try, from the look-up to the end of the connection. Null when it was ended on purpose. */
async function connect(
  parts: TunnelParts,
  options: {
    readonly wish: TunnelWish;
    readonly signal: AbortSignal;
    readonly advance: (event: TunnelEvent) => void;
    readonly onUp: (run: SshRun) => Promise<boolean>;
    readonly known: Gateway | null;
  },
): Promise<Fault | null> {
  const { wish, signal, advance, onUp, known } = options;
  const problem = await parts.ports.findProblem(wish.port);
  if (problem !== null) return { failure: judgePort(problem) };

  const looked = await lookUp(parts, { wish, known, signal });
  if (signal.aborted) return null;
  if ('failure' in looked) return looked;
  advance({ kind: 'found', gateway: looked.gateway, at: parts.clock.now() });

  const run = parts.ssh.start(tunnelArguments(looked.call, wish));
  const stop = () => void run.stop();
  signal.addEventListener('abort', stop);
  try {
    if (await run.up) {
      advance({ kind: 'up', at: parts.clock.now() });
      return (await onUp(run)) ? null : await watch(parts, run, signal);
    }
    const failure = await run.ended;
    if (failure.kind === 'port-taken') {
      const taken = await parts.ports.findProblem(wish.port);
      return { failure: taken === null ? failure : judgePort(taken) };
    }
    // An AWS that does not answer is the better reason than the stale address that was tried instead.
    return looked.error === undefined ? { failure } : { failure, error: looked.error };
  } finally {
    signal.removeEventListener('abort', stop);
    await run.stop();
  }
}

type Looked = { readonly gateway: Gateway; readonly call: SshCall; readonly error?: unknown } | Fault;

/**
 * Address and keys, asked anew. When AWS cannot be asked (a session that expired overnight) what was found last is
 * tried: the tunnel does not need AWS, only the look-up does.
 */
async function lookUp(
  parts: TunnelParts,
  options: { readonly wish: TunnelWish; readonly known: Gateway | null; readonly signal: AbortSignal },
): Promise<Looked> {
  const { wish, known, signal } = options;
  const [found, fetched] = await Promise.allSettled([parts.finder.find(signal), parts.keys.refresh(signal)]);
  const problem = [found, fetched].find((result) => result.status === 'rejected');
  // Over Session Manager the connection needs AWS itself.
  if (problem !== undefined && (known === null || wish.transport === 'ssm')) {
    const error: unknown = problem.reason;
    return { failure: { kind: 'lookup', detail: messageOf(error) }, error };
  }
  const gateway = found.status === 'fulfilled' ? found.value : known;
  if (gateway === null) return { failure: { kind: 'absent', detail: 'no gateway is running' } };
  if (fetched.status === 'fulfilled' && 'unusable' in fetched.value) {
    return { failure: { kind: 'key-unusable', detail: fetched.value.unusable } };
  }
  const host = hostOf(gateway, wish.transport);
  if (host === null) return { failure: { kind: 'addressless', detail: gateway.instance } };
  const { transport, extraOptions } = wish;
  const call = { host, transport, extraOptions, ...parts.keys.files };
  return problem === undefined ? { gateway, call } : { gateway, call, error: problem.reason };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Waits for the end of a connection; after the machine slept it asks whether it still lives. Null: aborted. */
async function watch(parts: TunnelParts, run: SshRun, signal: AbortSignal): Promise<Fault | null> {
  const { clock } = parts;
  let ended: TunnelFailure | null = null;
  const tick = new AbortController();
  void run.ended.then((failure) => {
    ended = failure;
    tick.abort();
  });
  const { signal: either } = joinSignals(tick.signal, signal);
  while (!either.aborted) {
    const from = clock.now();
    await clock.sleep(TICK_MS, either);
    if (either.aborted) break;
    parts.onTick();
    if (!hasSlept({ from, to: clock.now(), plannedMs: TICK_MS })) continue;
    const answer = await parts.check.run(PROBE_TIMEOUT_MS, either);
    if (answer.kind === 'silent' && !either.aborted) {
      return { failure: { kind: 'lost', detail: 'no answer after this machine slept' } };
    }
  }
  if (signal.aborted || ended === null) return null;
  return { failure: asLoss(ended) };
}

/** A connection that was up and ended is lost, unless ssh says something that matters more. */
const asLoss = (failure: TunnelFailure): TunnelFailure =>
  failure.kind === 'ended' ? { ...failure, kind: 'lost' } : failure;

/** In short steps, so that a jump of the clock ends it. Resolves with whether there was one. */
async function wait(parts: TunnelParts, waitMs: number, signal: AbortSignal): Promise<boolean> {
  for (let leftMs = waitMs; leftMs > 0 && !signal.aborted; leftMs -= TICK_MS) {
    const from = parts.clock.now();
    const plannedMs = Math.min(TICK_MS, leftMs);
    await parts.clock.sleep(plannedMs, signal);
    if (hasSlept({ from, to: parts.clock.now(), plannedMs })) return true;
  }
  return false;
}

function judgePort(problem: PortProblem): TunnelFailure {
  if (problem.kind === 'denied') return { kind: 'port-denied', detail: 'not allowed' };
  const { pid, name } = problem;
  return {
    kind: 'port-taken',
    detail: pid === null ? 'another program' : `${name ?? 'a program'} (pid ${pid})`,
  };
}
