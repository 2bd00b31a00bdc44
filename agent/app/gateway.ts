/** The application: wires its parts over ports alone, so that it runs the same on a machine and in memory. */
import { effectAimOf } from '../core/effect/aim.ts';
import { describeMemory } from '../core/memory-message.ts';
import { own } from '../core/own.ts';
import { provenRecordOf } from '../core/recover.ts';
import type { RenderingInputs } from '../core/release.ts';
import { planMemory } from '../core/sizing.ts';
import { runAgent } from './agent.ts';
import { createApply } from './apply.ts';
import { createCycle } from './cycle.ts';
import { createEffectWatch } from './effect-watch.ts';
import { createEvaluator } from './evaluate.ts';
import type { GatewayOptions } from './gateway-ports.ts';
import { createObserver } from './observe.ts';
import { createProber } from './prober.ts';
import { createReporter } from './report.ts';
import { createRequestDesk } from './request-desk.ts';
import { createSourceReader } from './source-reader.ts';

const MINUTE = 60_000;

export interface Gateway {
  /** Runs until the signal aborts, or `--once` is over. Resolves with the exit code; rejects with a bug. Call once. */
  run(signal: AbortSignal): Promise<number>;
  /** Lists the source and runs a cycle as soon as possible. */
  lookNow(): void;
  /** After `run`: ends what watches. The ports are the caller's to close. */
  close(): void;
}

/** Rejects with STORE_FAILED where the releases that are remembered cannot be read. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { ports, settings, triggers, engine, dataDir, defaultGroup } = options;
  const { clock, log, random, sha256, machine, store, live, memoryFile, supervisor, spool, notifier } = ports;
  const { analytics, restart } = settings;
  const fire = () => triggers.fire();
  const { memory, setAside } = options.recalled;

  const memoryPlan = async () =>
    planMemory({ totalBytes: await machine.memoryBytes(), cpus: machine.cpus(), engine });
  const inputs = async (group: string): Promise<RenderingInputs> => ({
    system: settings.system,
    region: settings.region ?? (await machine.instance())?.region ?? null,
    group,
    clientEndpoint: analytics.clientEndpoint,
    engine,
    memoryPlan: await memoryPlan(),
    listen: analytics.listen,
    dataDir,
    queryMemoryBytes: analytics.queryMemoryBytes,
  });

  supervisor.onChange(fire);
  const prober = createProber({ probe: ports.probe, clock, onResult: fire });
  const baselines = new Map(
    await Promise.all(
      Object.keys(memory.baselines).map(async (group) => {
        const digest = own(memory.baselines, group);
        const release = digest === undefined ? null : await store.read(digest);
        return [group, release?.source.map(({ path }) => path) ?? []] as const;
      }),
    ),
  );
  const reader = createSourceReader({
    source: ports.source,
    clock,
    sha256,
    random,
    settings: { ...settings.source, defaultGroup },
    known: { group: memory.group, baselinePaths: (group) => baselines.get(group) ?? [] },
    onResult: fire,
  });
  const evaluator = createEvaluator({
    store,
    sha256,
    connectors: settings.gate.connectors,
    exposure: settings.gate.exposure,
    inputs,
  });
  const requestWatch = spool.watch(fire);
  const desk = createRequestDesk({ spool, supervisor, clock, log, onMore: fire });
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
    recordProven: (proven) => ports.provenFile.save(provenRecordOf(proven)),
  });
  const beside = ports.beside({
    memory,
    inputs,
    onGroup: (group, releases) => {
      for (const { facts, source } of releases) {
        baselines.set(
          facts.group,
          source.map(({ path }) => path),
        );
      }
      reader.begin(group);
    },
    onResult: fire,
  });
  const view = () => beside.inheritance.guardView(reader.view());
  const effect = createEffectWatch({
    tables: ports.tables,
    store,
    clock,
    withinMs: settings.publish.seenMs,
    log,
    onResult: fire,
  });
  const reporter = createReporter({
    sinks: [ports.statusSink, ...beside.sinks],
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
        agent: options.agent,
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
  const cycle = createCycle({
    observer,
    apply,
    store,
    prober,
    lookForRequests: (known) => desk.look(known),
    announce: async (result) => {
      await reporter.report(result, view());
    },
    history: ports.history,
    clock,
    log,
    view,
    inherit: beside.inheritance.inherit,
    memory,
  });
  const onceWithinMs =
    restart.proveFirstMs + 2 * restart.proveMs + restart.stableMs + settings.publish.stableMs + MINUTE;

  return {
    run: (signal) =>
      runAgent(
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
          onceWithinMs: options.isOnce ? onceWithinMs : null,
        },
        signal,
      ),
    lookNow: () => {
      reader.lookNow();
      fire();
    },
    close: () => requestWatch.close(),
  };
}
