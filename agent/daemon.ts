/** Composition root of the daemon: the real adapters, the lock, the signals. The environment is handed in. */

import { takeAgentLock } from './adapters/agent-lock.ts';
import { createChildSupervisor } from './adapters/child-supervisor.ts';
import { createClock } from './adapters/clock.ts';
import { findEngineIdentity } from './adapters/engine-identity.ts';
import { prepareEngine } from './adapters/engine-prepare.ts';
import { createEngineProbe } from './adapters/engine-probe.ts';
import { createEngineTables } from './adapters/engine-tables.ts';
import { createFileStatusSink } from './adapters/file-status-sink.ts';
import { createHistoryFile } from './adapters/history-file.ts';
import { metadataEndpoint } from './adapters/instance-metadata.ts';
import { createLiveEtc } from './adapters/live-etc.ts';
import { createMachine } from './adapters/machine.ts';
import { createMemoryFile } from './adapters/memory-file.ts';
import { createNotifier } from './adapters/notifier.ts';
import { createReleaseStore } from './adapters/release-store.ts';
import { createRequestSpool } from './adapters/request-spool.ts';
import { runCommand } from './adapters/run-command.ts';
import { createS3Access, createSource } from './adapters/s3-access.ts';
import { sha256 } from './adapters/sha256.ts';
import { readStartedCopy } from './adapters/started-copy.ts';
import { createSystemdSupervisor } from './adapters/systemd-supervisor.ts';
import { createGateway } from './app/gateway.ts';
import { recall } from './app/recall.ts';
import { createTriggers } from './app/triggers.ts';
import { dataDirOf, layoutOf } from './core/layout.ts';
import { createBeside } from './daemon-beside.ts';
import type { Log } from './ports.ts';
import type { Settings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs until a signal, or the end of `--once`. Resolves with the exit code; rejects with a bug. */
export async function runDaemon(options: {
  readonly settings: Settings;
  readonly env: Environment;
  readonly log: Log;
  readonly version: string;
  readonly isOnce: boolean;
}): Promise<number> {
  const { settings, env, log, version, isOnce } = options;
  const clock = createClock();
  const startedAt = clock.now();
  const layout = layoutOf(settings.paths);
  const dataDir = dataDirOf(settings.paths.etc);
  const { analytics } = settings;
  const { uri, location, group } = settings.source;
  const triggers = createTriggers(clock);
  const isChild = analytics.supervisor === 'child';
  const machine = createMachine({
    environment: env,
    isEngineInOwnGroup: isChild,
    onInstance: () => triggers.fire(),
  });
  const store = createReleaseStore({ dir: layout.storeDir, sha256 });
  const memoryFile = createMemoryFile({ path: layout.memoryFile });
  const provenFile = createMemoryFile({ path: `${layout.storeDir}/proven.json` });

  const unlock = await takeAgentLock(`${settings.paths.state}/agent.lock`);
  const recalled = await recall({ memoryFile, provenFile, store, clock, log });
  const engineName = analytics.engine ?? (isChild ? 'stand-in' : null);
  const engine = await findEngineIdentity({
    name: engineName,
    home: analytics.home,
    java: analytics.java,
  });
  const supervisor = isChild
    ? createChildSupervisor({
        command: analytics.command ?? [],
        env,
        cwd: dataDir,
        runDir: settings.paths.run,
        startedDir: settings.paths.started,
        makeStartedCopy: () =>
          prepareEngine({
            ...analytics,
            engine: engineName,
            connectors: settings.gate.connectors,
            port: analytics.listen.port,
            storeDir: layout.storeDir,
            startedDir: settings.paths.started,
            etcDir: settings.paths.etc,
            dataDir,
          }),
        readStartedCopy: () => readStartedCopy(settings.paths.started),
        clock,
      })
    : createSystemdSupervisor({
        unit: analytics.unit,
        readStartedCopy: () => readStartedCopy(settings.paths.started),
        runCommand,
        clock,
      });
  const s3 = createS3Access({ region: settings.region, machine, clock, env });
  const defaultGroup = group === 'auto' ? (settings.system ?? 'default') : group;
  const notifier = createNotifier({
    env,
    clock,
    onFailure: (error) => log.warn({ event: 'status.failed', err: error }, 'systemd was not told'),
  });
  const gateway = await createGateway({
    ports: {
      clock,
      log,
      random: Math.random,
      sha256,
      machine,
      source: createSource({ uri, kind: location.kind, system: settings.system, group: defaultGroup, s3 }),
      store,
      live: createLiveEtc({ dir: settings.paths.etc, sha256 }),
      memoryFile,
      provenFile,
      supervisor,
      probe: createEngineProbe({
        url: analytics.url,
        engineName: () => engine.name,
        proofQuery: analytics.proofQuery,
        clock,
      }),
      tables: createEngineTables({ url: analytics.url }),
      spool: createRequestSpool({
        requestsDir: layout.requestsDir,
        answersDir: layout.answersDir,
        clock,
      }),
      history: createHistoryFile({ path: layout.historyFile }),
      statusSink: createFileStatusSink({ path: layout.statusFile }),
      notifier,
      beside: (needs) =>
        createBeside({
          ...needs,
          settings,
          version,
          clock,
          log,
          store,
          memoryFile,
          instanceId: async () => (await machine.instance())?.id ?? null,
          hasMetadata: metadataEndpoint(env) !== null,
          s3,
        }),
    },
    settings,
    recalled,
    triggers,
    engine,
    dataDir,
    defaultGroup,
    agent: { version, pid: process.pid, startedAt },
    isOnce,
  });

  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  process.on('SIGHUP', () => gateway.lookNow());
  log.info({ event: 'agent.started', version, source: uri, engine }, 'the agent began');
  try {
    return await gateway.run(stop.signal);
  } finally {
    await notifier.stopping();
    log.info({ event: 'agent.stopping' }, 'the agent ends');
    gateway.close();
    machine.close();
    await supervisor.close();
    await unlock();
  }
}
