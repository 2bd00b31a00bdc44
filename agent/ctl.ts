/** Composition root of `gatewayctl`: the only file of the CLI that touches the process. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram } from './cli/program.ts';

declare const __VERSION__: string | undefined;

// `gatewayctl diff | head`: the reader has enough, and that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const finished = runProgram(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  version: typeof __VERSION__ === 'string' ? __VERSION__ : 'development',
  now: Date.now,
  readText: (path) => readFileSync(path, 'utf8'),
  catchInterrupt: () => {
    const interrupt = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
    return interrupt.signal;
  },
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch(() => {
      // Aborted: the caller looks at the signal.
    });
  },
  ask: async (question, signal) => {
    if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
    const { createInterface } = await import('node:readline/promises');
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    // Ctrl-C, Ctrl-D and whatever else ends the terminal are no yes.
    const ended = new Promise<string>((resolve) => {
      terminal.once('SIGINT', () => terminal.close());
      terminal.once('close', () => resolve(''));
    });
    try {
      return await Promise.race([terminal.question(question, { signal }).catch(() => ''), ended]);
    } finally {
      terminal.close();
    }
  },
  openAws: async (options) => {
    // The SDK lies in the bundle: which Node its later versions need is no news to an operator.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    const { createOperatorAws } = await import('./adapters/operator-aws.ts');
    return createOperatorAws({ ...options, env: process.env });
  },
});

// Not `process.exit`: what is still on its way to a pipe must get there. CommonJS knows no await out here.
void finished.then((exitCode) => {
  process.exitCode = exitCode;
});
