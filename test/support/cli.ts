import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import type { CliContext, CliStream } from '../../agent/cli/context.ts';
import { runProgram } from '../../agent/cli/program.ts';
import type { OperatorAws, OperatorAwsOptions } from '../../agent/ports/operators.ts';

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Stream {
  readonly stream: CliStream;
  readonly text: () => string;
}

function createStream(options: { isTTY: boolean; columns: number }): Stream {
  const chunks: string[] = [];
  const writable = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk.toString());
      done();
    },
  });
  const stream = Object.assign(writable, options.isTTY ? { isTTY: true, columns: options.columns } : {});
  return { stream, text: () => chunks.join('') };
}

/** Runs a command line in this process, with streams and clock of its own. */
export async function runCli(
  argv: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly now?: number | (() => number);
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly readText?: (path: string) => string;
    /** Called for each sleep; ends the command by Ctrl-C when it returns false. */
    readonly onSleep?: (ms: number) => boolean;
    /** Given, Ctrl-C comes from there. */
    readonly interrupt?: AbortController;
    /** How often `--watch` draws before Ctrl-C. */
    readonly draws?: number;
    /** What the person at the terminal answers; without it there is no terminal to ask. */
    readonly answer?: string;
    /** What `-p` and `-r` lead to; without it a command that asks for AWS fails. */
    readonly aws?: OperatorAws | ((options: OperatorAwsOptions) => OperatorAws);
  } = {},
): Promise<CliRun> {
  const terminal = { isTTY: options.isTTY === true, columns: options.columns ?? 80 };
  const [stdout, stderr] = [createStream(terminal), createStream(terminal)];
  const interrupt = options.interrupt ?? new AbortController();
  const { now = Date.now } = options;
  let drawsLeft = options.draws ?? 1;
  const context: CliContext = {
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: options.env ?? {},
    version: '1.2.3',
    now: () => (typeof now === 'number' ? now : now()),
    readText: options.readText ?? ((path) => readFileSync(path, 'utf8')),
    catchInterrupt: () => interrupt.signal,
    sleep: async (ms) => {
      if (options.onSleep !== undefined) {
        if (!options.onSleep(ms)) interrupt.abort();
        return;
      }
      drawsLeft -= 1;
      if (drawsLeft <= 0) interrupt.abort();
    },
    ask: async (question) => {
      if (options.answer === undefined) return null;
      stderr.stream.write(question);
      return options.answer;
    },
    openAws: async (said) => {
      if (options.aws === undefined) throw new Error('this test has no AWS');
      return typeof options.aws === 'function' ? options.aws(said) : options.aws;
    },
  };
  const exitCode = await runProgram(argv, context);
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}
