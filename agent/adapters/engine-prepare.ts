import {
  DATA_LINK,
  type LaunchFile,
  PLUGIN_LINK,
  planCommand,
  planJavaLaunch,
} from '../core/engine/launch.ts';
import type { StartFinding } from '../core/engine/preflight.ts';
import { AgentError } from '../core/errors.ts';
import type { Release } from '../core/release.ts';
import type { StartedCopy } from '../ports.ts';
import { findEngine, type InstalledEngine } from './engine-identity.ts';
import { inspectStart, type StartSettings } from './engine-preflight.ts';
import { makeStartedCopy } from './started-copy.ts';

export interface PrepareOptions extends StartSettings {
  readonly storeDir: string;
  readonly startedDir: string;
  /** The live etc. */
  readonly etcDir: string;
  /** The setting `analytics.command`: what a stand-in is started by. */
  readonly command: readonly string[] | null;
  readonly now?: () => number;
}

export interface Prepared extends StartedCopy {
  readonly engine: InstalledEngine;
  /** What may go wrong all the same. */
  readonly warnings: readonly StartFinding[];
}

/**
 * Makes everything that a start needs, so that what starts the engine decides nothing: the started copy of the
 * release that the intent names, with the command, the arguments of `java`, and links to data directory and plugins.
 *
 * Rejects with START_IMPOSSIBLE when the engine would not start here (first problem in `fields`), and as
 * `makeStartedCopy` does; then the copy of the last start is untouched.
 */
export async function prepareEngine(options: PrepareOptions): Promise<Prepared> {
  const { engine, findings } = await inspectStart(options);
  const [first] = findings;
  if (first?.verdict === 'fault') throw startImpossible(first);
  const made = await makeStartedCopy({
    ...options,
    layOut: async (release) => ({
      files: await planFiles(release, options),
      links: { [DATA_LINK]: options.dataDir, [PLUGIN_LINK]: `${options.home}/plugin` },
    }),
  });
  return { ...made, engine, warnings: findings };
}

async function planFiles(release: Release, options: PrepareOptions): Promise<readonly LaunchFile[]> {
  const { home, startedDir, dataDir, command } = options;
  const rendered = release.inputs.engine.java;
  const { identity, profile, jars, java } = await findEngine({ ...options, name: options.engine, rendered });
  if (identity.name === 'stand-in') {
    if (command !== null) return [planCommand(command)];
    throw startImpossible({
      verdict: 'fault',
      reason: 'NoCommand',
      message: 'the stand-in engine has no command',
      remedy: 'name its program in analytics.command',
    });
  }
  if (java.chosen === null) throw new AgentError('INVARIANT', 'the Java that was found is gone');
  return planJavaLaunch({
    profile,
    java: java.chosen,
    jars,
    home,
    pluginDir: `${home}/plugin`,
    startedDir,
    dataDir,
    etc: release.etc,
    warmOptions: [],
  });
}

function startImpossible({ reason, message, remedy }: StartFinding): AgentError {
  return new AgentError('START_IMPOSSIBLE', 'the analytics process cannot be started', {
    fields: { reason, problem: message, remedy },
  });
}
