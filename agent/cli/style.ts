import { Chalk } from 'chalk';
import type { CliContext, CliStream } from './context.ts';

type Paint = (text: string) => string;

/** Colours by meaning. Without colours all of them give the text as it is: nothing is said by colour alone. */
export interface Style {
  readonly error: Paint;
  readonly warning: Paint;
  readonly good: Paint;
  readonly changed: Paint;
  readonly strong: Paint;
  readonly faint: Paint;
  /** Columns of the terminal, between 40 and 200; 80 where there is none. */
  readonly width: number;
}

/** Colours only on a terminal that has them. NO_COLOR turns them off; FORCE_COLOR on, for pagers. */
export function createStyle(stream: CliStream, env: CliContext['env']): Style {
  const chalk = new Chalk({ level: isColoured(stream, env) ? 1 : 0 });
  return {
    error: chalk.red,
    warning: chalk.yellow,
    good: chalk.green,
    changed: chalk.cyan,
    strong: chalk.bold,
    faint: chalk.dim,
    width: Math.min(Math.max(stream.columns ?? 80, 40), 200),
  };
}

function isColoured(stream: CliStream, env: CliContext['env']): boolean {
  const isSet = (name: string) => env[name] !== undefined && env[name] !== '';
  if (isSet('NO_COLOR')) return false;
  if (isSet('FORCE_COLOR')) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
