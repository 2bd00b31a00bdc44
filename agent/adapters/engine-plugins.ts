import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartFinding } from '../core/engine/preflight.ts';
import { choosePlugins } from '../core/engine/warm/plugins.ts';

export interface FoundPlugins {
  /** Names of those that are loaded. */
  readonly plugins: readonly string[];
  /** Directories by name, as links of the started copy. */
  readonly links: Readonly<Record<string, string>>;
  readonly findings: readonly StartFinding[];
}

/** The plugins that a start loads, of those that lie in the engine's home. Rejects with Node's own error. */
export async function findPlugins(options: {
  readonly home: string;
  readonly connectors: readonly string[];
  /** The setting `analytics.plugins`. */
  readonly extra: readonly string[];
}): Promise<FoundPlugins> {
  const dir = join(options.home, 'plugin');
  const entries = await readdir(dir, { withFileTypes: true });
  // An operator may have put a link to a plugin there.
  const available = entries.filter((entry) => !entry.isFile()).map(({ name }) => name);
  const { plugins, unknown, unmatched } = choosePlugins({ ...options, available });
  return {
    plugins,
    links: Object.fromEntries(plugins.map((name) => [name, join(dir, name)])),
    findings: [
      ...unknown.map((name) => ({
        verdict: 'warning' as const,
        reason: 'PluginUnknown',
        message: `analytics.plugins names ${name}, which is not in ${dir}`,
        remedy: 'correct analytics.plugins',
      })),
      ...unmatched.map((connector) => ({
        verdict: 'warning' as const,
        reason: 'PluginsAllKept',
        message: `no plugin in ${dir} is called like the connector ${connector}, so all are loaded, which takes longer`,
        remedy: 'install it, or take it out of gate.connectors',
      })),
    ],
  };
}
