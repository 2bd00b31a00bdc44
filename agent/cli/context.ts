import type { OperatorAws, OperatorAwsOptions } from '../ports/operators.ts';

/** All that the commands know of the outside; `ctl.ts` fills it from the process, tests from memory. */
export interface CliContext {
  /** Data. */
  readonly stdout: CliStream;
  /** Talk. */
  readonly stderr: CliStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Wall clock in ms since the epoch. */
  readonly now: () => number;
  /** Throws like `fs.readFileSync` with encoding. */
  readonly readText: (path: string) => string;
  /** From this call on Ctrl-C aborts the signal instead of ending the program. */
  readonly catchInterrupt: () => AbortSignal;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Asks the person at the terminal. Null where there is none to answer; empty when they ended it. */
  readonly ask: (question: string, signal: AbortSignal) => Promise<string | null>;
  /** AWS with the credentials of whoever runs the command. Asks nothing yet. */
  readonly openAws: (options: OperatorAwsOptions) => Promise<OperatorAws>;
}

export type CliStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command is given: the outside, and what was said before its name. */
export interface Cli extends CliContext {
  /** The file of `--config`, or null. */
  readonly configFile: () => string | null;
  /** Of `--set KEY=VALUE`. */
  readonly flags: () => Readonly<Record<string, string>>;
  /** Sets the exit code; without a call it is 0. */
  readonly exit: (code: number) => void;
}
