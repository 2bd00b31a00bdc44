/**
 * The real application (its wiring, its loop, all of its parts) in memory over fake ports, on a clock that advances only
 * when everything sleeps: hours pass in the time that their work takes.
 *
 * - `start`, `kill` (nothing later has any effect), `restart` (a new wiring over the same durable state), `reboot`.
 * - `sync` (with manifest), `upload` (as the original CLI does), `clearSource`, `source` for faults of S3.
 * - `request`, `pass`, `passUntil`, `status`, `memory`; `disk` holds what outlives the agent: live etc, answers, history;
 *   `engine` does what its catalogs say (scripted-engine.ts).
 * - Every outside effect goes through `faults` (fault-port.ts): recorded by number, and any of them can be the one at which
 *   the agent dies or the world fails. A dead agent is started again after `restartAfterMs`, as systemd does.
 * - `ports` replaces ports of each life by others: real adapters over real files or HTTP. Time does not pass while a call
 *   of a port is under way.
 */
import { type AgentError, ERRORS, type ErrorCode } from '../../agent/core/errors.ts';
import type { Memory } from '../../agent/core/memory.ts';
import type { Status } from '../../agent/core/status.ts';
import type { Settings } from '../../agent/settings.ts';
import { T0 } from './builders.ts';
import type { WorldDisk } from './disk-view.ts';
import type { FakeBucket } from './fake-bucket.ts';
import { createFakeLog, type FakeLog } from './fake-log.ts';
import { createFakeSource, type FakeSource } from './fake-source.ts';
import { createFaultPort, type FaultPort } from './fault-port.ts';
import { createMemoryDisk, type MemoryDisk, memoryWorldDisk } from './memory-disk.ts';
import { createScriptedEngine, type ScriptedEngine } from './scripted-engine.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { type AgentLife, createAgentLife, type ReplacePorts, type Surroundings } from './world-life.ts';
import { worldSettings } from './world-settings.ts';
import { createSourceHand, type SourceHand } from './world-source.ts';

export interface GatewayWorldOptions {
  readonly settings?: Partial<Settings>;
  /** In [0, 1), for the jitter of the agent. */
  readonly random?: () => number;
  /** How long systemd takes to start the agent again. */
  readonly restartAfterMs?: () => number;
  /** Saves and inherits baselines there. */
  readonly bucket?: FakeBucket;
  /** What takes the place of the ports in memory, for each life. */
  readonly ports?: ReplacePorts;
  /** Instead of the disk in memory. */
  readonly disk?: WorldDisk;
  /** Runs `--once`: an end with a code is final. */
  readonly isOnce?: boolean;
}

export interface AgentEnd {
  readonly at: number;
  /** null: it was killed, or done. */
  readonly error: AgentError | null;
  /** Of `--once`. */
  readonly code: number | null;
}

export interface GatewayWorld extends SourceHand {
  readonly clock: VirtualClock;
  /** The disk in memory; empty where another one is used. */
  readonly disk: MemoryDisk;
  /** The disk, whichever. */
  readonly view: WorldDisk;
  readonly engine: ScriptedEngine;
  readonly source: FakeSource;
  readonly faults: FaultPort;
  readonly log: FakeLog;
  readonly settings: Settings;
  /** Every end of an agent; a bug is one with an error of the kind `crash`. */
  readonly ends: readonly AgentEnd[];
  bugs(): readonly AgentError[];
  start(): void;
  kill(): void;
  restart(): void;
  /** The machine goes down and comes up: the engine is gone, the boot id another. */
  reboot(): void;
  /** The same, and nothing runs in between. */
  turnOff(ms: number): Promise<void>;
  /** Another machine takes its place: nothing is left but the bucket. `start` it. */
  replaceMachine(): void;
  isAgentUp(): boolean;
  request(id: string, document: { readonly kind: string; readonly [field: string]: unknown }): void;
  /** Nothing of this world is needed any more. */
  end(): void;
  /** Calls for a cycle, as a file event does. */
  nudge(): void;
  pass(ms: number): Promise<void>;
  /** False when it did not come true within that time. */
  passUntil(isTrue: () => boolean, mostMs: number): Promise<boolean>;
  status(): Status | null;
  memory(): Memory | null;
}

export function createGatewayWorld(options: GatewayWorldOptions = {}): GatewayWorld {
  const clock = createVirtualClock(T0);
  const faults = createFaultPort({ now: clock.now, sleep: clock.pause });
  const disk = createMemoryDisk();
  const world = options.disk ?? memoryWorldDisk(disk);
  const engine = createScriptedEngine({
    clock,
    readIntent: async () => world.intent(),
    readRelease: world.release,
  });
  const source = createFakeSource({ now: clock.now });
  const log = createFakeLog();
  const settings = worldSettings(options.settings);
  const ends: AgentEnd[] = [];
  const { random = () => 0.5, restartAfterMs = () => 2_000 } = options;
  let boots = 1;
  let lives = 0;
  let current: AgentLife | null = null;
  let startAt: number | null = null;

  const surroundings: Surroundings = {
    clock,
    faults,
    disk: world,
    engine,
    source,
    bucket: options.bucket,
    log,
    settings,
    random,
    bootId: () => `boot-${boots}`,
  };

  const begin = () => {
    startAt = null;
    lives += 1;
    current = createAgentLife(surroundings, {
      pid: lives,
      isOnce: options.isOnce ?? false,
      ports: options.ports,
      onEnd: (error, code) => {
        ends.push({ at: clock.now(), error, code });
        current = null;
        startAt = code === null ? clock.now() + restartAfterMs() : null;
      },
    });
    current.run();
  };

  const pass = async (until: number, isTrue: () => boolean): Promise<boolean> => {
    for (;;) {
      await clock.idle();
      if (isTrue()) return true;
      if (startAt !== null && clock.now() >= startAt) {
        begin();
        continue;
      }
      const goal = startAt === null ? until : Math.min(until, startAt);
      const woke = await clock.step(goal);
      if (!woke && clock.now() >= until && (startAt === null || startAt > until)) return isTrue();
    }
  };
  const kill = () => current?.die();

  return {
    clock,
    disk,
    engine,
    source,
    faults,
    log,
    settings,
    ends,
    ...createSourceHand({ source, now: clock.now, group: settings.system ?? 'default' }),
    bugs: () =>
      ends.flatMap(({ error }) =>
        error !== null && ERRORS[error.code as ErrorCode].disposition === 'crash' ? [error] : [],
      ),
    start: begin,
    kill,
    restart: () => {
      kill();
      begin();
    },
    reboot: () => {
      kill();
      engine.reboot();
      boots += 1;
      begin();
    },
    turnOff: async (ms) => {
      kill();
      engine.reboot();
      boots += 1;
      startAt = null;
      await pass(clock.now() + ms, () => false);
      begin();
    },
    replaceMachine: () => {
      kill();
      startAt = null;
      engine.reboot();
      boots += 1;
      world.wipe();
    },
    isAgentUp: () => current !== null,
    request: (id, document) => {
      world.dropRequest(id, JSON.stringify({ by: 'maria', ...document }), clock.now());
      current?.wake();
    },
    end: () => {
      kill();
      startAt = null;
    },
    nudge: () => current?.lookNow(),
    pass: async (ms) => {
      await pass(clock.now() + ms, () => false);
    },
    passUntil: (isTrue, mostMs) => pass(clock.now() + mostMs, isTrue),
    status: world.status,
    memory: world.memory,
    view: world,
  };
}
