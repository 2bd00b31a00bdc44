import type { RequestKind } from '../core/request-document.ts';
import type { Cli } from './context.ts';
import { printable, printDuration, shorten } from './print.ts';

export interface Progress {
  draw(): void;
  end(): void;
}

const SILENT: Progress = { draw: () => undefined, end: () => undefined };
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** One line on the terminal that changes with what the agent says it is doing; nothing where there is no terminal. */
export async function createProgress(
  cli: Cli,
  options: { readonly kind: RequestKind; readonly statusFile: string },
): Promise<Progress> {
  if (cli.stderr.isTTY !== true) return SILENT;
  const { createLogUpdate } = await import('log-update');
  const line = createLogUpdate(cli.stderr as NodeJS.WriteStream);
  const beganAt = cli.now();
  let frame = 0;
  return {
    draw: () => {
      frame += 1;
      const waited = printDuration(cli.now() - beganAt);
      const doing = readReason(cli, options.statusFile) ?? 'waiting for the agent';
      const width = Math.max(20, (cli.stderr.columns ?? 80) - options.kind.length - waited.length - 8);
      line(
        `${FRAMES[frame % FRAMES.length]} ${options.kind}: ${shorten(printable(doing), width)} · ${waited}`,
      );
    },
    end: () => line.clear(),
  };
}

function readReason(cli: Cli, statusFile: string): string | null {
  try {
    const status = JSON.parse(cli.readText(statusFile)) as { readonly reason?: unknown };
    return typeof status.reason === 'string' ? status.reason : null;
  } catch {
    // No status yet: the line says that the agent is waited for.
    return null;
  }
}
