/** Which of an engine's plugins a start needs: each one left out is not searched for classes. */
export interface PluginChoice {
  /** Directories of the distribution, sorted. */
  readonly plugins: readonly string[];
  /** Of the list that the operator adds to: names that the distribution does not have. */
  readonly unknown: readonly string[];
  /** Connectors of which no plugin bears the name: all plugins are kept, since any of them may bring it. */
  readonly unmatched: readonly string[];
}

/** In the operator's list: leave nothing out. */
export const ALL_PLUGINS = '*';

/**
 * The plugins that the connectors need, and those that the operator adds: what only brings functions is named by no
 * catalog. A connector whose plugin cannot be told by its name keeps them all: a start that is slower is better than
 * one that fails.
 */
export function choosePlugins(options: {
  /** Directories in the distribution's `plugin`. */
  readonly available: readonly string[];
  readonly connectors: readonly string[];
  /** The setting `analytics.plugins`. */
  readonly extra: readonly string[];
}): PluginChoice {
  const { connectors, extra } = options;
  const available = [...options.available].sort();
  const needed = connectors.map((connector) => ({
    connector,
    plugins: available.filter((plugin) => bareName(plugin) === bareName(connector)),
  }));
  const unmatched = needed.filter(({ plugins }) => plugins.length === 0).map(({ connector }) => connector);
  const unknown = extra.filter((name) => name !== ALL_PLUGINS && !available.includes(name));
  const wanted = new Set([...needed.flatMap(({ plugins }) => plugins), ...extra]);
  const isEverythingKept = unmatched.length > 0 || extra.includes(ALL_PLUGINS);
  return {
    plugins: isEverythingKept ? available : available.filter((plugin) => wanted.has(plugin)),
    unknown,
    unmatched,
  };
}

/** Connector and plugin are spelled differently at times: `localfile` and `local-file`, `pinot` and `presto-pinot`. */
function bareName(name: string): string {
  return name.replace(/^(presto|trino)-/, '').replaceAll(/[-_]/g, '');
}
