import type { SyncPlan } from '../../core/sync/plan.ts';
import type { Cli } from '../context.ts';
import { printable, printCount } from '../print.ts';
import { createStyle, type Style } from '../style.ts';
import { renderPlan } from './text.ts';

/** What a sync says: to people as it goes, or to programs once at its end. */
export interface Talk {
  readonly style: Style;
  readonly isJson: boolean;
  /** A line of the result: with `--json` it is talk. */
  say(line: string): void;
  /** What a person should know beside the result. */
  warn(sentence: string): void;
  showPlan(plan: SyncPlan, foreign: readonly string[]): void;
  /** Prints the JSON line where it is asked for; gives the exit code back. */
  end(result: Readonly<Record<string, unknown>>, exitCode: number): number;
}

const MAX_NAMED = 10;

export function createTalk(cli: Cli, { isJson }: { readonly isJson: boolean }): Talk {
  const stream = isJson ? cli.stderr : cli.stdout;
  const style = createStyle(stream, cli.env);
  const say = (line: string) => void stream.write(`${line}\n`);
  const warn = (sentence: string) => void cli.stderr.write(`gatewayctl: ${sentence}\n`);
  return {
    style,
    isJson,
    say,
    warn,
    showPlan(plan, foreign) {
      for (const line of renderPlan(plan, style)) say(line);
      if (plan.uploads.length + plan.deletions.length === 0) {
        say(`  nothing to change: ${printCount(plan.unchanged.length, 'file')} as they should be`);
      }
      const named = foreign.slice(0, MAX_NAMED).map(printable).join(', ');
      const more = foreign.length > MAX_NAMED ? `, and ${foreign.length - MAX_NAMED} more` : '';
      if (foreign.length > 0) warn(`left alone in the bucket, since no gateway reads it: ${named}${more}`);
    },
    end(result, exitCode) {
      if (isJson) cli.stdout.write(`${JSON.stringify(result)}\n`);
      return exitCode;
    },
  };
}
