import { findEngine } from '../../adapters/engine-identity.ts';
import { findPlugins } from '../../adapters/engine-plugins.ts';
import { findArchive, readArchiveGround } from '../../adapters/warm-archive.ts';
import { readJvmOptions } from '../../core/jvm-options.ts';
import type { Cli } from '../context.ts';
import { type Check, fine, warning } from './finding.ts';

const TRAIN = 'sudo gatewayctl engine train';

/** Whether the next start of the engine will use an archive of classes. */
export const checkWarmStart: Check = async ({ cli, settings }) => {
  const { analytics, gate, paths } = settings;
  const isStandIn = analytics.engine === null && analytics.supervisor === 'child';
  const engine = await findEngine({ ...analytics, name: isStandIn ? 'stand-in' : analytics.engine });
  if (engine.jars.length === 0) return [];
  // Without the directory of plugins there is nothing to start; the engine's own check tells of it.
  const found = await findPlugins({ ...analytics, ...gate, extra: analytics.plugins }).catch(() => null);
  const jvmOptions = readLiveOptions(cli, paths.etc);
  if (found === null || jvmOptions === null) return [];
  const { home } = analytics;
  const ground = await readArchiveGround({ engine, home, plugins: found.plugins, jvmOptions });
  if (ground === null) return [];
  const verdict = await findArchive(ground);
  if (verdict === null) return [warning('warm start', 'no archive of classes: restarts take longer', TRAIN)];
  if (verdict.kind === 'unfit') {
    return [warning('warm start', `the archive of classes is not used: ${verdict.reason}`, TRAIN)];
  }
  return verdict.isUpToDate
    ? [fine('warm start', 'the archive of classes fits')]
    : [warning('warm start', 'the archive of classes lacks plugins that have changed', TRAIN)];
};

/** Null before anything was published, and where it may not be read, which the check of permissions tells. */
function readLiveOptions(cli: Cli, etc: string): readonly string[] | null {
  try {
    return readJvmOptions(new TextEncoder().encode(cli.readText(`${etc}/jvm.config`)));
  } catch {
    return null;
  }
}
