/** One life of the agent in a gateway world: its ports, its run and its end. */
import { sha256 } from '../../agent/adapters/sha256.ts';
import { createGateway, type Gateway } from '../../agent/app/gateway.ts';
import type { GatewayPorts } from '../../agent/app/gateway-ports.ts';
import { recall } from '../../agent/app/recall.ts';
import { createTriggers } from '../../agent/app/triggers.ts';
import { type AgentError, toAgentError } from '../../agent/core/errors.ts';
import type { Clock, ConfigSource, Log } from '../../agent/ports.ts';
import type { Settings } from '../../agent/settings.ts';
import type { WorldDisk } from './disk-view.ts';
import type { FakeBucket } from './fake-bucket.ts';
import type { FaultPort, Life } from './fault-port.ts';
import type { ScriptedEngine } from './scripted-engine.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { worldBeside } from './world-beside.ts';
import { faultyBucket, faultySource, faultySupervisor, guardPort } from './world-ports.ts';
import { STAND_IN_IDENTITY } from './world-settings.ts';

const GIB = 1024 ** 3;

/** What outlives the agent. */
export interface Surroundings {
  readonly clock: VirtualClock;
  readonly faults: FaultPort;
  readonly disk: WorldDisk;
  readonly engine: ScriptedEngine;
  readonly source: ConfigSource;
  readonly bucket: FakeBucket | undefined;
  readonly log: Log;
  readonly settings: Settings;
  readonly random: () => number;
  readonly bootId: () => string;
}

export interface AgentLife extends Life {
  /** Once, and after whoever made it knows it: it may die at its very first step. */
  run(): void;
  /** Something lies in the spool. */
  wake(): void;
  /** Calls for a cycle, as a file event does. */
  lookNow(): void;
}

/** What takes the place of the ports in memory. */
export type ReplacePorts = (life: Life, defaults: GatewayPorts) => Partial<GatewayPorts>;

export function createAgentLife(
  world: Surroundings,
  options: {
    readonly pid: number;
    readonly isOnce: boolean;
    readonly ports: ReplacePorts | undefined;
    /** Without an error it was killed, or done with this code. */
    readonly onEnd: (error: AgentError | null, code: number | null) => void;
  },
): AgentLife {
  const { settings } = world;
  const clock = world.clock.createLife();
  const stop = new AbortController();
  const watchers: (() => void)[] = [];
  let isOver = false;
  let gateway: Gateway | null = null;
  const end = (error: AgentError | null, code: number | null = null) => {
    if (isOver) return;
    isOver = true;
    clock.end();
    // Nobody is left to hear it; but Node keeps what listens to a signal that may still abort.
    stop.abort();
    options.onEnd(error, code);
  };
  const life: Life = { isDead: () => isOver, die: () => end(null) };

  const live = async (ports: GatewayPorts) => {
    const recalled = await recall(ports);
    gateway = await createGateway({
      ports,
      settings,
      recalled,
      triggers: createTriggers(clock),
      engine: STAND_IN_IDENTITY,
      dataDir: '/data',
      defaultGroup: settings.system ?? 'default',
      agent: { version: 'test', pid: options.pid, startedAt: clock.now() },
      isOnce: options.isOnce,
    });
    end(null, await gateway.run(stop.signal));
  };
  return {
    ...life,
    run: () => {
      const onWatch = (onEvent: () => void) => watchers.push(onEvent);
      const ports = lifePorts(world, { life, clock, onWatch, ports: options.ports });
      live(ports).catch((thrown: unknown) => end(toAgentError(thrown)));
    },
    wake: () => {
      for (const watcher of watchers) watcher();
    },
    lookNow: () => gateway?.lookNow(),
  };
}

/** All of them are dead when the life is over, those that replace others too. */
function lifePorts(
  world: Surroundings,
  options: {
    readonly life: Life;
    /** The clock of this life. */
    readonly clock: Clock;
    readonly onWatch: (onEvent: () => void) => void;
    readonly ports: ReplacePorts | undefined;
  },
): GatewayPorts {
  const { clock, faults, engine, settings } = world;
  const { life, onWatch } = options;
  const guarded = <T extends object>(port: T): T => guardPort(port, life, clock);
  const told = (name: string) => () => faults.effect(life, 'report', name, () => undefined);
  const bucket = world.bucket === undefined ? null : guarded(faultyBucket(world.bucket, faults, life));
  const defaults: GatewayPorts = {
    clock: options.clock,
    log: world.log,
    random: world.random,
    sha256,
    machine: {
      bootId: async () => world.bootId(),
      memoryBytes: async () => 8 * GIB,
      cpus: () => 2,
      instance: async () => null,
    },
    ...world.disk.open({ faults, life, onWatch, now: clock.now }),
    source: faultySource(world.source, faults, life),
    supervisor: faultySupervisor(() => engine.supervisor(), faults, life),
    probe: engine.probe,
    tables: {
      schemas: async () => ({ kind: 'names', names: [] }),
      tables: async () => ({ kind: 'names', names: [] }),
      attributes: async () => ({ kind: 'failed', reason: 'none' }),
    },
    notifier: {
      ready: told('notify.ready'),
      status: async () => undefined,
      watchdog: async () => undefined,
      stopping: async () => undefined,
    },
    beside: worldBeside(bucket, settings, () => ports),
  };
  const chosen = { ...defaults, ...options.ports?.(life, defaults) };
  const ports: GatewayPorts = {
    ...chosen,
    machine: guarded(chosen.machine),
    source: guarded(chosen.source),
    store: guarded(chosen.store),
    live: guarded(chosen.live),
    memoryFile: guarded(chosen.memoryFile),
    provenFile: guarded(chosen.provenFile),
    supervisor: guarded(chosen.supervisor),
    probe: guarded(chosen.probe),
    tables: guarded(chosen.tables),
    spool: guarded(chosen.spool),
    history: guarded(chosen.history),
    statusSink: guarded(chosen.statusSink),
    notifier: guarded(chosen.notifier),
  };
  return ports;
}
