import type { Cli } from './context.ts';
import { printable, printDuration, shorten } from './print.ts';

export interface ProgressLine {
  draw(text: string): void;
  end(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** One line on the terminal that changes, with the time it takes; in a pipe a line for each new text. */
export async function createProgressLine(cli: Cli): Promise<ProgressLine> {
  if (cli.stderr.isTTY !== true) {
    let said = '';
    const say = (text: string) => {
      if (text !== said) cli.stderr.write(`${printable(text)}\n`);
      said = text;
    };
    return { draw: say, end: () => undefined };
  }
  const { createLogUpdate } = await import('log-update');
  const line = createLogUpdate(cli.stderr as NodeJS.WriteStream);
  const beganAt = cli.now();
  let frame = 0;
  return {
    draw: (text) => {
      frame += 1;
      const waited = printDuration(cli.now() - beganAt);
      const width = Math.max(20, (cli.stderr.columns ?? 80) - waited.length - 6);
      line(`${FRAMES[frame % FRAMES.length]} ${shorten(printable(text), width)} · ${waited}`);
    },
    end: () => line.clear(),
  };
}
