import { describe, expect, it } from 'vitest';
import { keepTunnel, type TunnelEnd, type TunnelParts } from '../../../agent/app/tunnel.ts';
import type { TunnelFailure } from '../../../agent/core/tunnel/failure.ts';
import type { TunnelState } from '../../../agent/core/tunnel/state.ts';
import type { Gateway } from '../../../agent/core/tunnel/target.ts';
import type { CheckResult, PortProblem, SshRun } from '../../../agent/ports/tunnel.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

const FILES = { keyFile: '/k', hostKeyFile: '/k.hostkey' };
const FIRST: Gateway = { instance: 'i-1', publicAddress: '203.0.113.1', privateAddress: '192.0.2.1' };
const SECOND: Gateway = { instance: 'i-2', publicAddress: '203.0.113.2', privateAddress: '192.0.2.2' };

interface FakeRun extends SshRun {
  readonly host: string;
  connect(): void;
  end(failure: TunnelFailure): void;
  readonly isStopped: () => boolean;
}

/** Everything outside a tunnel, in memory. */
function createWorld() {
  const clock = createFakeClock();
  const runs: FakeRun[] = [];
  const states: TunnelState[] = [];
  const abort = new AbortController();
  const world = {
    gateway: FIRST as Gateway | null,
    lookUpError: null as Error | null,
    keysError: null as Error | null,
    port: null as PortProblem | null,
    answer: { kind: 'answered', status: 200, body: '' } as CheckResult,
    checks: 0,
    refreshes: 0,
  };
  const startRun = (args: readonly string[]): FakeRun => {
    let decide: (isUp: boolean) => void = () => undefined;
    let finish: (failure: TunnelFailure) => void = () => undefined;
    let isStopped = false;
    const up = new Promise<boolean>((resolve) => {
      decide = resolve;
    });
    const ended = new Promise<TunnelFailure>((resolve) => {
      finish = resolve;
    });
    const end = (failure: TunnelFailure) => {
      decide(false);
      finish(failure);
    };
    return {
      host: args.at(-1) ?? '',
      up,
      ended,
      said: () => '',
      connect: () => decide(true),
      end,
      isStopped: () => isStopped,
      stop: async () => {
        isStopped = true;
        end({ kind: 'ended', detail: 'stopped' });
      },
    };
  };
  const parts: TunnelParts = {
    finder: {
      find: async () => {
        if (world.lookUpError !== null) throw world.lookUpError;
        return world.gateway;
      },
    },
    keys: {
      files: FILES,
      refresh: async () => {
        if (world.keysError !== null) throw world.keysError;
        world.refreshes += 1;
        return FILES;
      },
    },
    ssh: {
      start: (args) => {
        const run = startRun(args);
        runs.push(run);
        return run;
      },
    },
    ports: { findProblem: async () => world.port },
    check: {
      run: async () => {
        world.checks += 1;
        return world.answer;
      },
    },
    clock,
    random: () => 0,
    onState: (state) => states.push(state),
    onTick: () => undefined,
  };
  const wish = { kind: 'client', port: 8182, transport: 'public', extraOptions: [] } as const;
  const last = () => {
    const run = runs.at(-1);
    if (run === undefined) throw new Error('no ssh was started');
    return run;
  };
  return {
    world,
    clock,
    runs,
    states,
    abort,
    last,
    open: (onUp?: (run: SshRun) => Promise<boolean>): Promise<TunnelEnd> =>
      keepTunnel(parts, wish, abort.signal, onUp),
    async connected() {
      await clock.settle();
      last().connect();
      await clock.settle();
    },
  };
}

describe('a tunnel', () => {
  it('is up until it is ended, and ends ssh before it says so', async () => {
    const { open, connected, abort, last, states } = createWorld();
    const end = open();
    await connected();
    expect(states.at(-1)?.upAt).not.toBeNull();
    abort.abort();
    expect(await end).toEqual({ kind: 'ended' });
    expect(last().isStopped()).toBe(true);
  });

  it('looks up address and keys anew at each try', async () => {
    const { open, connected, world, clock, last, runs, abort } = createWorld();
    const end = open();
    await connected();
    last().end({ kind: 'ended', detail: 'Connection closed by remote host.' });
    await clock.settle();
    world.gateway = SECOND;
    await clock.advance(1_000);
    expect(runs.map((run) => run.host)).toEqual(['203.0.113.1', '203.0.113.2']);
    expect(world.refreshes).toBe(2);
    abort.abort();
    await end;
  });

  it('waits for a gateway that is being replaced, and does not try the old address', async () => {
    const { open, connected, world, clock, last, runs, abort, states } = createWorld();
    const end = open();
    await connected();
    last().end({ kind: 'lost', detail: 'gone' });
    world.gateway = null;
    await clock.advance(60_000);
    expect(runs).toHaveLength(1);
    expect(states.at(-1)).toMatchObject({ failure: { kind: 'absent' } });
    world.gateway = SECOND;
    await clock.advance(3_000);
    expect(last().host).toBe('203.0.113.2');
    abort.abort();
    await end;
  });

  it('goes on with what was found last while AWS cannot be asked', async () => {
    const { open, connected, world, clock, last, runs, abort } = createWorld();
    const end = open();
    await connected();
    last().end({ kind: 'lost', detail: 'gone' });
    world.lookUpError = new Error('the AWS session has expired');
    world.keysError = world.lookUpError;
    await clock.advance(1_000);
    expect(runs.map((run) => run.host)).toEqual(['203.0.113.1', '203.0.113.1']);
    abort.abort();
    await end;
  });

  it('ends with what AWS said when that was the first thing asked', async () => {
    const { open, world } = createWorld();
    world.lookUpError = new Error('no AWS credentials found');
    expect(await open()).toEqual({
      kind: 'failed',
      failure: { kind: 'lookup', detail: 'no AWS credentials found' },
      error: world.lookUpError,
    });
  });

  it('starts no ssh while the port is taken', async () => {
    const { open, world, runs } = createWorld();
    world.port = { kind: 'taken', pid: 812, name: 'ssh' };
    expect(await open()).toMatchObject({ failure: { kind: 'port-taken', detail: 'ssh (pid 812)' } });
    expect(runs).toEqual([]);
  });

  it('ends when what was wanted of it is done', async () => {
    const { open, clock, last } = createWorld();
    const end = open(async () => true);
    await clock.settle();
    last().connect();
    expect(await end).toEqual({ kind: 'ended' });
    expect(last().isStopped()).toBe(true);
  });
});

describe('a machine that slept', () => {
  it('asks at once whether the tunnel lives, and leaves it alone when it does', async () => {
    const { open, connected, world, clock, runs, abort } = createWorld();
    const end = open();
    await connected();
    await clock.advance(10_000);
    expect(world.checks).toBe(0);
    clock.set(clock.now() + 3_600_000);
    await clock.advance(1_000);
    expect(world.checks).toBe(1);
    expect(runs).toHaveLength(1);
    abort.abort();
    await end;
  });

  it('opens a new one when nothing comes back', async () => {
    const { open, connected, world, clock, runs, abort } = createWorld();
    const end = open();
    await connected();
    world.answer = { kind: 'silent' };
    clock.set(clock.now() + 3_600_000);
    await clock.advance(2_000);
    expect(runs[0]?.isStopped()).toBe(true);
    expect(runs).toHaveLength(2);
    abort.abort();
    await end;
  });

  it('does not sit out the wait that it fell asleep in', async () => {
    const { open, connected, world, clock, last, runs, abort } = createWorld();
    const end = open();
    await connected();
    last().end({ kind: 'lost', detail: 'gone' });
    world.gateway = null;
    await clock.advance(60_000);
    world.gateway = FIRST;
    clock.set(clock.now() + 3_600_000);
    await clock.advance(1_000);
    expect(runs).toHaveLength(2);
    abort.abort();
    await end;
  });

  it('is not thrown off by a clock that is set back', async () => {
    const { open, connected, world, clock, last, runs, abort } = createWorld();
    const end = open();
    await connected();
    last().end({ kind: 'lost', detail: 'gone' });
    world.gateway = null;
    await clock.advance(10_000);
    clock.set(clock.now() - 86_400_000);
    world.gateway = FIRST;
    await clock.advance(6_000);
    expect(runs).toHaveLength(2);
    abort.abort();
    await end;
  });
});
