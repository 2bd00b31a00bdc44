/** What lies where below the directories of the settings: decided here for agent and CLI. */
export interface Layout {
  /** Releases and the intent: the engine's group may read it, so it lies apart from the rest of the state. */
  readonly storeDir: string;
  readonly memoryFile: string;
  readonly requestsDir: string;
  readonly answersDir: string;
  /** What was done when and why. */
  readonly historyFile: string;
  readonly statusFile: string;
  /** What a supervised child prints. */
  readonly childLogFile: string;
}

export function layoutOf(paths: { readonly state: string; readonly run: string }): Layout {
  return {
    storeDir: `${paths.state}/store`,
    memoryFile: `${paths.state}/memory.json`,
    requestsDir: `${paths.state}/requests`,
    answersDir: `${paths.state}/answers`,
    historyFile: `${paths.state}/history.jsonl`,
    statusFile: `${paths.run}/status.json`,
    childLogFile: `${paths.run}/analytics.log`,
  };
}

/**
 * The engine's data directory, beside the live etc: its working directory too. It belongs to the engine's user, who
 * must not be able to replace the live etc.
 */
export function dataDirOf(etcDir: string): string {
  return `${etcDir.replace(/\/+[^/]*\/*$/, '')}/data`;
}
