import type { Cli } from '../context.ts';
import { printable, shorten } from '../print.ts';

export interface FollowLine {
  /** What goes on right now. */
  draw(text: string): void;
  /** What stays. */
  keep(text: string): void;
  clear(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** One line on the terminal that changes; in a pipe only what stays is said. */
export async function createFollowLine(cli: Cli): Promise<FollowLine> {
  const say = (text: string) => void cli.stderr.write(`gatewayctl: ${text}\n`);
  if (cli.stderr.isTTY !== true) return { draw: () => undefined, keep: say, clear: () => undefined };
  const { createLogUpdate } = await import('log-update');
  const line = createLogUpdate(cli.stderr as NodeJS.WriteStream);
  let kept = '';
  let frame = 0;
  return {
    draw(text) {
      frame += 1;
      const all = kept === '' ? text : `${kept} · ${text}`;
      line(`${FRAMES[frame % FRAMES.length]} ${shorten(printable(all), (cli.stderr.columns ?? 80) - 4)}`);
    },
    keep(text) {
      kept = text;
    },
    clear: () => line.clear(),
  };
}
