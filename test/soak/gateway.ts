/**
 * The real application over its real adapters (files, S3 client, HTTP, log) in one process, on a clock that advances only
 * when everything sleeps. Of the ports only machine, notifier, tables and the analytics process are stand-ins.
 */
import { createFileStatusSink } from '../../agent/adapters/file-status-sink.ts';
import { createHistoryFile } from '../../agent/adapters/history-file.ts';
import { createLiveEtc } from '../../agent/adapters/live-etc.ts';
import { createLog } from '../../agent/adapters/log.ts';
import { createMemoryFile } from '../../agent/adapters/memory-file.ts';
import { createReleaseStore } from '../../agent/adapters/release-store.ts';
import { createRequestSpool } from '../../agent/adapters/request-spool.ts';
import { createS3Access, createSource } from '../../agent/adapters/s3-access.ts';
import { sha256 } from '../../agent/adapters/sha256.ts';
import { createGateway, type Gateway } from '../../agent/app/gateway.ts';
import type { GatewayPorts } from '../../agent/app/gateway-ports.ts';
import { recall } from '../../agent/app/recall.ts';
import { createTriggers } from '../../agent/app/triggers.ts';
import { dataDirOf, layoutOf } from '../../agent/core/layout.ts';
import { createBeside } from '../../agent/daemon-beside.ts';
import type { ConfigSource, RequestSpool } from '../../agent/ports.ts';
import type { Settings } from '../../agent/settings.ts';
import type { ScriptedEngine } from '../fakes/scripted-engine.ts';
import type { VirtualClock } from '../fakes/virtual-clock.ts';
import { guardPort } from '../fakes/world-ports.ts';
import { STAND_IN_IDENTITY } from '../fakes/world-settings.ts';

const GIB = 1024 ** 3;

/** What was done so far. */
export interface SoakCounts {
  cycles: number;
  /** Cycles before which something was asked of S3 since the cycle before. */
  cyclesWithS3: number;
  /** Calls of the source's port; a listing and a read are one each. */
  sourceCalls: number;
}

export const createCounts = (): SoakCounts => ({ cycles: 0, cyclesWithS3: 0, sourceCalls: 0 });

/** The agent lives as long as the process. */
const LIFE = { isDead: () => false, die: () => undefined };

export function createStore(settings: Settings) {
  return createReleaseStore({ dir: layoutOf(settings.paths).storeDir, sha256 });
}

function countSource(source: ConfigSource, counts: SoakCounts, note: () => void): ConfigSource {
  const counted = <T>(result: T): T => {
    counts.sourceCalls += 1;
    note();
    return result;
  };
  return {
    uri: source.uri,
    list: (...args) => counted(source.list(...args)),
    read: (...args) => counted(source.read(...args)),
    readManifest: (...args) => counted(source.readManifest(...args)),
    watch: (onEvent) => source.watch(onEvent),
  };
}

/** Each cycle looks for requests once, before all else. */
const countSpool = (spool: RequestSpool, onLook: () => void): RequestSpool => ({
  look: (options) => {
    onLook();
    return spool.look(options);
  },
  answer: (answer) => spool.answer(answer),
  watch: (onEvent) => spool.watch(onEvent),
});

export async function createSoakGateway(options: {
  readonly settings: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: VirtualClock;
  readonly engine: ScriptedEngine;
  readonly counts: SoakCounts;
}): Promise<Gateway> {
  const { settings, env, clock, engine, counts } = options;
  const layout = layoutOf(settings.paths);
  const own = clock.createLife();
  const log = createLog('info');
  const guarded = <T extends object>(port: T): T => guardPort(port, LIFE, clock);
  let hasAsked = false;
  const noteCycle = () => {
    counts.cycles += 1;
    if (hasAsked) counts.cyclesWithS3 += 1;
    hasAsked = false;
  };

  const machine = {
    bootId: async () => 'boot-1',
    memoryBytes: async () => 8 * GIB,
    cpus: () => 2,
    instance: async () => null,
  };
  const plain = createS3Access({ region: settings.region, machine, clock: own, env });
  // Of what runs beside the cycle, too: no time passes while S3 is being asked.
  const s3 = { region: plain.region, client: async () => guarded(await plain.client()) };
  const { uri, location } = settings.source;
  const group = settings.system ?? 'default';
  const source = createSource({ uri, kind: location.kind, system: settings.system, group, s3 });
  const spool = createRequestSpool({
    requestsDir: layout.requestsDir,
    answersDir: layout.answersDir,
    clock: own,
  });
  const store = guarded(createStore(settings));
  const memoryFile = guarded(createMemoryFile({ path: layout.memoryFile }));
  const provenFile = guarded(createMemoryFile({ path: `${layout.storeDir}/proven.json` }));

  const ports: GatewayPorts = {
    clock: own,
    log,
    random: Math.random,
    sha256,
    machine,
    source: guarded(
      countSource(source, counts, () => {
        hasAsked = true;
      }),
    ),
    store,
    live: guarded(createLiveEtc({ dir: settings.paths.etc, sha256 })),
    memoryFile,
    provenFile,
    supervisor: guarded(engine.supervisor()),
    probe: guarded(engine.probe),
    tables: {
      schemas: async () => ({ kind: 'names', names: [] }),
      tables: async () => ({ kind: 'names', names: [] }),
      attributes: async () => ({ kind: 'failed', reason: 'none' }),
    },
    spool: guarded(countSpool(spool, noteCycle)),
    history: guarded(createHistoryFile({ path: layout.historyFile })),
    statusSink: guarded(createFileStatusSink({ path: layout.statusFile })),
    notifier: {
      ready: async () => undefined,
      status: async () => undefined,
      watchdog: async () => undefined,
      stopping: async () => undefined,
    },
    beside: (needs) =>
      createBeside({
        ...needs,
        settings,
        version: 'soak',
        clock: own,
        log,
        store,
        memoryFile,
        instanceId: async () => null,
        hasMetadata: false,
        s3,
      }),
  };
  return createGateway({
    ports,
    settings,
    recalled: await recall({ memoryFile, provenFile, store, clock: own, log }),
    triggers: createTriggers(own),
    engine: STAND_IN_IDENTITY,
    dataDir: dataDirOf(settings.paths.etc),
    defaultGroup: group,
    agent: { version: 'soak', pid: process.pid, startedAt: own.now() },
    isOnce: false,
  });
}
