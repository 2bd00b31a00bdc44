/** Composition root of the daemon: makes the parts and wires them. The environment is handed in. */

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
import { runAgent } from './app/agent.ts';
import { createApply } from './app/apply.ts';
import { createCycle } from './app/cycle.ts';
import { createEffectWatch } from './app/effect-watch.ts';
import { createEvaluator } from './app/evaluate.ts';
import { createObserver } from './app/observe.ts';
import { createProber } from './app/prober.ts';
import { createReporter } from './app/report.ts';
import { createRequestDesk } from './app/request-desk.ts';
import { createSourceReader } from './app/source-reader.ts';
import { createTriggers } from './app/triggers.ts';
import { effectAimOf } from './core/effect/aim.ts';
import { dataDirOf, layoutOf } from './core/layout.ts';
import { describeMemory } from './core/memory-message.ts';
import { own } from './core/own.ts';
import { provenRecordOf, recoverMemory } from './core/recover.ts';
import type { RenderingInputs } from './core/release.ts';
import { planMemory } from './core/sizing.ts';
import { createBeside } from './daemon-beside.ts';
import type { Log } from './ports.ts';
import type { Settings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const MINUTE = 60_000;

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
  const { analytics, restart } = settings;
  const triggers = createTriggers(clock);
  const isChild = analytics.supervisor === 'child';
  const machine = createMachine({
    environment: env,
    isEngineInOwnGroup: isChild,
    onInstance: () => triggers.fire(),
  });
  const store = createReleaseStore({ dir: layout.storeDir, sha256 });
  const live = createLiveEtc({ dir: settings.paths.etc, sha256 });
  const memoryFile = createMemoryFile({ path: layout.memoryFile });
  const provenFile = createMemoryFile({ path: `${layout.storeDir}/proven.json` });

  const unlock = await takeAgentLock(`${settings.paths.state}/agent.lock`);
  const loaded = await memoryFile.load();
  const intent = await store.readIntent();
  const intended = intent === null ? null : await store.read(intent.digest);
  const proven = loaded.memory === null ? await provenFile.load() : null;
  const memory = loaded.memory ?? recoverMemory(proven?.memory ?? null, intended, clock.now());
  const setAside = [loaded.setAside, proven?.setAside ?? null].filter((path) => path !== null);
  for (const path of setAside) {
    log.error({ event: 'state.set-aside', path }, 'the state could not be read and was set aside');
  }

  const dataDir = dataDirOf(settings.paths.etc);
  const engineName = analytics.engine ?? (isChild ? 'stand-in' : null);
  const engine = await findEngineIdentity({
    name: engineName,
    home: analytics.home,
    java: analytics.java,
  });
  const memoryPlan = async () =>
    planMemory({ totalBytes: await machine.memoryBytes(), cpus: machine.cpus(), engine });
  const region = async () => settings.region ?? (await machine.instance())?.region ?? null;
  const inputs = async (group: string): Promise<RenderingInputs> => ({
    system: settings.system,
    region: await region(),
    group,
    clientEndpoint: analytics.clientEndpoint,
    engine,
    memoryPlan: await memoryPlan(),
    listen: analytics.listen,
    dataDir,
    queryMemoryBytes: analytics.queryMemoryBytes,
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
  supervisor.onChange(() => triggers.fire());

  const prober = createProber({
    probe: createEngineProbe({
      url: analytics.url,
      engineName: () => engine.name,
      proofQuery: analytics.proofQuery,
      clock,
    }),
    clock,
    onResult: () => triggers.fire(),
  });
  const defaultGroup =
    settings.source.group === 'auto' ? (settings.system ?? 'default') : settings.source.group;
  const baselineDigest = (group: string) => own(memory.baselines, group);
  const baselines = new Map(
    await Promise.all(
      Object.keys(memory.baselines).map(async (group) => {
        const digest = baselineDigest(group);
        const release = digest === undefined ? null : await store.read(digest);
        return [group, release?.source.map(({ path }) => path) ?? []] as const;
      }),
    ),
  );
  const s3 = createS3Access({ region: settings.region, machine, clock, env });
  const { uri, location } = settings.source;
  const reader = createSourceReader({
    source: createSource({ uri, kind: location.kind, system: settings.system, group: defaultGroup, s3 }),
    clock,
    sha256,
    random: Math.random,
    settings: { ...settings.source, defaultGroup },
    known: { group: memory.group, baselinePaths: (group) => baselines.get(group) ?? [] },
    onResult: () => triggers.fire(),
  });
  const evaluator = createEvaluator({
    store,
    sha256,
    connectors: settings.gate.connectors,
    exposure: settings.gate.exposure,
    inputs,
  });
  const spool = createRequestSpool({
    requestsDir: layout.requestsDir,
    answersDir: layout.answersDir,
    clock,
  });
  const requestWatch = spool.watch(() => triggers.fire());
  const desk = createRequestDesk({ spool, supervisor, clock, log, onMore: () => triggers.fire() });
  const observer = createObserver({
    limits: { ...restart, publishStableMs: settings.publish.stableMs },
    store,
    live,
    supervisor,
    prober,
    evaluator,
    bootId: await machine.bootId(),
    isMemorySufficient: async () => (await memoryPlan()).verdict === 'sufficient',
    requests: () => desk.open(),
  });
  const apply = createApply({
    store,
    live,
    supervisor,
    memoryFile,
    made: (digest) => evaluator.made(digest),
    answers: desk,
    lookNow: () => reader.lookNow(),
    recordProven: (proven) => provenFile.save(provenRecordOf(proven)),
  });
  const beside = createBeside({
    settings,
    version,
    clock,
    log,
    store,
    memoryFile,
    memory,
    inputs,
    instanceId: async () => (await machine.instance())?.id ?? null,
    hasMetadata: metadataEndpoint(env) !== null,
    s3,
    onGroup: (group, releases) => {
      for (const { facts, source } of releases) {
        baselines.set(
          facts.group,
          source.map(({ path }) => path),
        );
      }
      reader.begin(group);
    },
    onResult: () => triggers.fire(),
  });
  const view = () => beside.inheritance.guardView(reader.view());
  const cycle = createCycle({
    observer,
    apply,
    store,
    prober,
    lookForRequests: (known) => desk.look(known),
    announce: async (result) => {
      await reporter.report(result, view());
    },
    history: createHistoryFile({ path: layout.historyFile }),
    clock,
    log,
    view,
    inherit: beside.inheritance.inherit,
    memory,
  });
  const effect = createEffectWatch({
    tables: createEngineTables({ url: analytics.url }),
    store,
    clock,
    withinMs: settings.publish.seenMs,
    log,
    onResult: () => triggers.fire(),
  });
  const notifier = createNotifier({
    env,
    clock,
    onFailure: (error) => log.warn({ event: 'status.failed', err: error }, 'systemd was not told'),
  });
  const reporter = createReporter({
    sinks: [createFileStatusSink({ path: layout.statusFile }), ...beside.sinks],
    notifier,
    clock,
    log,
    uri: settings.source.uri,
    identity: async () => {
      const [instance, plan] = [await machine.instance(), await memoryPlan()];
      return {
        system: settings.system,
        instance: {
          id: instance?.id ?? null,
          type: instance?.type ?? null,
          memory: plan.totalBytes,
          cpus: machine.cpus(),
        },
        agent: { version, pid: process.pid, startedAt },
        heapBytes: plan.heapBytes,
      };
    },
    memoryMessage: async () =>
      describeMemory({
        plan: await memoryPlan(),
        cpus: machine.cpus(),
        engine,
        instanceType: (await machine.instance())?.type ?? null,
      }),
    stateSetAside: setAside[0] ?? null,
    troubles: beside.troubles,
    effect: effect.latest,
  });

  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  process.on('SIGHUP', () => {
    reader.lookNow();
    triggers.fire();
  });
  log.info({ event: 'agent.started', version, source: settings.source.uri, engine }, 'the agent began');
  const onceWithinMs =
    restart.proveFirstMs + 2 * restart.proveMs + restart.stableMs + settings.publish.stableMs + MINUTE;
  try {
    return await runAgent(
      {
        cycle,
        onCycle: (result) => {
          beside.note(result?.observed.memory ?? null, result === null || result.error !== null);
          effect.aim(result === null ? null : effectAimOf(result.observed));
        },
        reader: { ...reader, view },
        beside: [...beside.runners, effect],
        prober,
        reporter,
        triggers,
        notifier,
        clock,
        log,
        onceWithinMs: isOnce ? onceWithinMs : null,
      },
      stop.signal,
    );
  } finally {
    await notifier.stopping();
    log.info({ event: 'agent.stopping' }, 'the agent ends');
    requestWatch.close();
    machine.close();
    await supervisor.close();
    await unlock();
  }
}
