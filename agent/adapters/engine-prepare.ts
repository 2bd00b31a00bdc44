import { connectorsOf } from '../core/engine/connectors.ts';
import {
  DATA_LINK,
  type LaunchFile,
  PLUGIN_LINK,
  planCommand,
  planJavaLaunch,
} from '../core/engine/launch.ts';
import type { StartFinding } from '../core/engine/preflight.ts';
import { AgentError } from '../core/errors.ts';
import { readJvmOptions } from '../core/jvm-options.ts';
import type { Release } from '../core/release.ts';
import type { StartedCopy } from '../ports.ts';
import { findEngine, type InstalledEngine } from './engine-identity.ts';
import { findPlugins } from './engine-plugins.ts';
import { inspectStart, type StartSettings } from './engine-preflight.ts';
import { makeStartedCopy } from './started-copy.ts';
import { findArchive, readArchiveGround } from './warm-archive.ts';

export interface PrepareOptions extends StartSettings {
  readonly storeDir: string;
  readonly startedDir: string;
  /** The live etc. */
  readonly etcDir: string;
  /** The setting `analytics.command`: what a stand-in is started by. */
  readonly command: readonly string[] | null;
  /** The setting `gate.connectors`. */
  readonly connectors: readonly string[];
  /** The setting `analytics.plugins`. */
  readonly plugins: readonly string[];
  readonly now?: () => number;
}

export interface Prepared extends StartedCopy {
  readonly engine: InstalledEngine;
  /** What may go wrong all the same. */
  readonly warnings: readonly StartFinding[];
}

/**
 * Makes everything that a start needs, so that what starts the engine decides nothing: the started copy of the
 * release that the intent names, with the command, the arguments of `java`, and links to data directory and plugins: those alone that its connectors need.
 *
 * Rejects with START_IMPOSSIBLE when the engine would not start here (first problem in `fields`), and as
 * `makeStartedCopy` does; then the copy of the last start is untouched.
 */
export async function prepareEngine(options: PrepareOptions): Promise<Prepared> {
  const { engine, findings } = await inspectStart(options);
  const [first] = findings;
  if (first?.verdict === 'fault') throw startImpossible(first);
  const found = [...findings];
  const made = await makeStartedCopy({
    ...options,
    layOut: async (release) => {
      const { files, links, findings: late } = await layOut(release, options);
      found.push(...late);
      return { files, links: { [DATA_LINK]: options.dataDir, ...links } };
    },
  });
  return { ...made, engine, warnings: found };
}

interface Extras {
  readonly files: readonly LaunchFile[];
  readonly links: Readonly<Record<string, string>>;
  readonly findings: readonly StartFinding[];
}

async function layOut(release: Release, options: PrepareOptions): Promise<Extras> {
  const { home, startedDir, dataDir, command } = options;
  const rendered = release.inputs.engine.java;
  const engine = await findEngine({ ...options, name: options.engine, rendered });
  if (engine.identity.name === 'stand-in') {
    if (command !== null) {
      return { files: [planCommand(command)], links: { [PLUGIN_LINK]: `${home}/plugin` }, findings: [] };
    }
    throw startImpossible({
      verdict: 'fault',
      reason: 'NoCommand',
      message: 'the stand-in engine has no command',
      remedy: 'name its program in analytics.command',
    });
  }
  if (engine.java.chosen === null) throw new AgentError('INVARIANT', 'the Java that was found is gone');
  const connectors = new Set([...options.connectors, ...connectorsOf(release.etc)]);
  const { plugins, links, findings } = await findPlugins({
    home,
    connectors: [...connectors],
    extra: options.plugins,
  });
  const warmth = await findWarmth({ engine, home, plugins, etc: release.etc });
  return {
    files: planJavaLaunch({
      profile: engine.profile,
      java: engine.java.chosen,
      jars: engine.jars,
      home,
      pluginDir: `${startedDir}/${PLUGIN_LINK}`,
      startedDir,
      dataDir,
      etc: release.etc,
      warmOptions: warmth.options,
    }),
    links: Object.fromEntries(Object.entries(links).map(([name, to]) => [`${PLUGIN_LINK}/${name}`, to])),
    findings: [...findings, ...warmth.findings],
  };
}

/** The options that use the archive of classes where one lies there and fits; without one the start takes longer. */
async function findWarmth(options: {
  readonly engine: InstalledEngine;
  readonly home: string;
  readonly plugins: readonly string[];
  readonly etc: Release['etc'];
}): Promise<{ readonly options: readonly string[]; readonly findings: readonly StartFinding[] }> {
  const jvmConfig = options.etc.find(({ path }) => path === 'jvm.config')?.bytes ?? new Uint8Array();
  const ground = await readArchiveGround({ ...options, jvmOptions: readJvmOptions(jvmConfig) });
  const verdict = ground === null ? null : await findArchive(ground);
  if (verdict === null) return { options: [], findings: [] };
  if (verdict.kind === 'fits') return { options: verdict.options, findings: [] };
  const message = `the archive of classes for a faster start is not used: ${verdict.reason}`;
  const remedy = 'gatewayctl engine train';
  return { options: [], findings: [{ verdict: 'warning', reason: 'ArchiveUnfit', message, remedy }] };
}

function startImpossible({ reason, message, remedy }: StartFinding): AgentError {
  return new AgentError('START_IMPOSSIBLE', 'the analytics process cannot be started', {
    fields: { reason, problem: message, remedy },
  });
}
