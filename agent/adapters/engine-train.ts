import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JAVA_ARGUMENTS_FILE, PLUGIN_LINK, planJavaLaunch, temporaryDirOf } from '../core/engine/launch.ts';
import { type ArchiveGround, WARM_DIRECTORY } from '../core/engine/warm/archive.ts';
import { optionsToTrain } from '../core/engine/warm/method.ts';
import { pluginsToTrain, trainingCatalogs, trainingStatements } from '../core/engine/warm/training.ts';
import { renderEngineFiles } from '../core/engine-files.ts';
import { AgentError } from '../core/errors.ts';
import { readJvmOptions } from '../core/jvm-options.ts';
import type { RenderingInputs } from '../core/release.ts';
import { planMemory } from '../core/sizing.ts';
import type { Clock } from '../ports.ts';
import { findEngine, type InstalledEngine } from './engine-identity.ts';
import { findPlugins } from './engine-plugins.ts';
import { findFreePort, runForTraining, trainingFailed } from './engine-training-run.ts';
import { createMachine } from './machine.ts';
import { findArchive, keepArchive, prepareArchivePlace, readArchiveGround } from './warm-archive.ts';

export interface TrainOptions {
  /** The setting `analytics.engine`; null looks. */
  readonly engine: string | null;
  readonly home: string;
  readonly java: string | null;
  readonly connectors: readonly string[];
  readonly plugins: readonly string[];
  readonly isForced: boolean;
  readonly clock: Clock;
}

export type Trained =
  | { readonly kind: 'trained'; readonly ground: ArchiveGround; readonly sizeBytes: number }
  | { readonly kind: 'up-to-date'; readonly ground: ArchiveGround }
  /** Its Java can make no archive in one run. */
  | { readonly kind: 'impossible'; readonly engine: string; readonly java: string };

/**
 * Runs the engine once on directories and a port of its own, asks it what clients ask, ends it, and keeps the archive
 * of classes that it leaves: the starts that follow use it. Does nothing where one is there that fits, plugins included.
 * Rejects with TRAINING_FAILED; what was there before stays.
 */
export async function trainEngine(options: TrainOptions): Promise<Trained> {
  const { home } = options;
  const engine = await findEngine({ ...options, name: options.engine });
  const { chosen } = engine.java;
  if (engine.jars.length === 0 || chosen === null) {
    const problem =
      engine.jars.length === 0 ? `no engine lies in ${home}` : 'no Java that it runs on was found';
    throw trainingFailed({ problem });
  }
  const work = await mkdtemp(join(tmpdir(), 'gateway-train-'));
  try {
    const port = await findFreePort();
    const { plugins } = await findPlugins({ ...options, extra: options.plugins });
    const files = renderEngineFiles(await inputsOf(engine, port, work));
    const jvmConfig = files.find(({ path }) => path === 'jvm.config')?.bytes ?? new Uint8Array();
    const ground = await readArchiveGround({ engine, home, plugins, jvmOptions: readJvmOptions(jvmConfig) });
    if (ground === null) return { kind: 'impossible', engine: engine.profile.label, java: chosen.version };
    const verdict = options.isForced ? null : await findArchive(ground);
    if (verdict?.kind === 'fits' && verdict.isUpToDate) return { kind: 'up-to-date', ground };

    const loaded = pluginsToTrain(plugins, await readdir(join(home, 'plugin')));
    const etc = [...files, ...trainingCatalogs(loaded)];
    const written = await prepareArchivePlace(ground);
    try {
      const started = join(work, 'started');
      const dataDir = join(work, 'data');
      const launch = planJavaLaunch({
        profile: engine.profile,
        java: chosen,
        jars: engine.jars,
        home,
        pluginDir: join(started, PLUGIN_LINK),
        startedDir: started,
        dataDir,
        etc,
        warmOptions: optionsToTrain(ground.method, written),
      });
      for (const dir of [join(started, 'catalog'), join(started, PLUGIN_LINK), temporaryDirOf(dataDir)]) {
        await mkdir(dir, { recursive: true });
      }
      for (const { path, bytes } of etc) await writeFile(join(started, path), bytes);
      for (const { path, text } of launch) await writeFile(join(started, path), text);
      for (const name of loaded) await symlink(join(home, 'plugin', name), join(started, PLUGIN_LINK, name));
      const { log } = await runForTraining({
        command: [chosen.program, `@${join(started, JAVA_ARGUMENTS_FILE)}`],
        cwd: dataDir,
        port,
        prefix: engine.profile.headerPrefixes[0],
        statements: trainingStatements(loaded),
        clock: options.clock,
      });
      if ((await stat(written).catch(() => null)) === null) {
        throw trainingFailed({ problem: 'the JVM wrote no archive', log });
      }
      const { size } = await keepArchive(ground, written);
      return { kind: 'trained', ground, sizeBytes: size };
    } finally {
      // Java 25 writes its notes beside it first.
      for (const path of [written, `${written}.config`]) await rm(path, { force: true });
    }
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const { code, path } = error as NodeJS.ErrnoException;
    const problem = `${code ?? String(error)} ${path ?? join(home, WARM_DIRECTORY)}`;
    throw trainingFailed({ problem }, error);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The memory plan of this machine: an archive fits every other one, unless one of the two heaps is 32 GiB or more. */
async function inputsOf(engine: InstalledEngine, port: number, work: string): Promise<RenderingInputs> {
  const machine = createMachine({ environment: {}, isEngineInOwnGroup: false });
  const memoryPlan = planMemory({
    totalBytes: await machine.memoryBytes(),
    cpus: machine.cpus(),
    engine: engine.identity,
  });
  machine.close();
  if (memoryPlan.verdict === 'too-small')
    throw trainingFailed({ problem: 'this machine has too little memory' });
  return {
    system: 'training',
    region: null,
    group: 'training',
    clientEndpoint: '',
    engine: engine.identity,
    memoryPlan,
    listen: { host: '127.0.0.1', port },
    dataDir: join(work, 'data'),
    queryMemoryBytes: null,
  };
}
