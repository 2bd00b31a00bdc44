import { isProcessAlive } from '../adapters/process-alive.ts';
import type { Layout } from '../core/layout.ts';
import type { LocalSettings } from '../settings.ts';
import { CliError } from './cli-error.ts';
import type { Cli } from './context.ts';
import { readStatus } from './status-file.ts';

/** Why nobody may be there to hear a request: one sentence, or null when an agent lives. */
export function findAgentProblem(cli: Cli, layout: Layout, settings: LocalSettings): string | null {
  try {
    const { status, staleness } = readStatus({
      path: layout.statusFile,
      readText: cli.readText,
      now: cli.now(),
      listIntervalMs: settings.source.listIntervalMs,
    });
    if (!isProcessAlive(status.agent.pid))
      return `no agent runs here: its process ${status.agent.pid} is gone.`;
    return staleness === null ? null : `no agent seems to run here: its status was ${staleness}.`;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return `no agent seems to run here: ${error.message}.`;
  }
}
