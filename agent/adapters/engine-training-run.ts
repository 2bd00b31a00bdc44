import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { HeaderPrefix } from '../core/engine/profile.ts';
import { AgentError } from '../core/errors.ts';
import type { Clock } from '../ports.ts';
import { withTimeLimit } from './deadline.ts';
import { createEngineHttp } from './engine-http.ts';
import { runStatement } from './engine-statement.ts';

/** The engine has to read a table within this, on a volume that is read for the first time too. */
const READY_MS = 10 * 60_000;
/** Writing the archive is part of the end: 4 to 12 s on a quiet machine. */
const END_MS = 5 * 60_000;
const STATEMENT_MS = 60_000;
const PAUSE_MS = 250;
/** Each statement is asked this often: a cache of Java 25 remembers which methods were hot. */
const ROUNDS = 3;
const MAX_LOG = 4_000;
const MAX_BYTES = 1024 * 1024;

export function trainingFailed(fields: { problem: string; log?: string }, cause?: unknown): AgentError {
  return new AgentError('TRAINING_FAILED', 'no archive of classes was made', { fields, cause });
}

/** A port of loopback that nobody listens on now. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/**
 * Starts the engine, asks the statements, the first one until it answers, and ends it by TERM. The engine dies with
 * this process. Rejects with TRAINING_FAILED, which carries the engine's last lines.
 */
export async function runForTraining(options: {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly port: number;
  readonly prefix: HeaderPrefix;
  readonly statements: readonly [string, ...string[]];
  readonly clock: Clock;
}): Promise<{ readonly log: string }> {
  const { command, cwd, port, prefix, statements, clock } = options;
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    cwd,
    // Options of somebody's environment would be part of the archive.
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-MAX_LOG);
    });
  }
  const gone = new AbortController();
  const ended = once(child, 'close').then(
    () => gone.abort(),
    (error: Error) => {
      log += error.message;
      gone.abort();
    },
  );
  const ask = createAsk({ port, prefix, signal: gone.signal });
  const fail = (problem: string) => trainingFailed({ problem, log: log.trim() });
  try {
    const [first] = statements;
    for (const until = clock.now() + READY_MS; (await ask(first)) !== null; ) {
      if (gone.signal.aborted) throw fail('the engine ended while it started');
      if (clock.now() > until) throw fail(`the engine reads no table after ${READY_MS / 60_000} minutes`);
      await clock.sleep(PAUSE_MS, gone.signal);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const sql of statements) {
        const problem = await ask(sql);
        if (problem !== null) throw fail(`${sql}: ${problem}`);
      }
    }
    child.kill('SIGTERM');
    await clock.sleep(END_MS, gone.signal);
    if (!gone.signal.aborted) throw fail(`the engine did not end within ${END_MS / 60_000} minutes`);
    return { log };
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** Runs one statement; null when it came to its end, else why not. */
function createAsk(options: {
  readonly port: number;
  readonly prefix: HeaderPrefix;
  readonly signal: AbortSignal;
}): (sql: string) => Promise<string | null> {
  const { port, prefix, signal } = options;
  const http = createEngineHttp({ url: `http://127.0.0.1:${port}`, maxBytes: MAX_BYTES });
  return async (sql) => {
    const outcome = await withTimeLimit(signal, STATEMENT_MS, (deadline) =>
      runStatement({ http, prefix, sql, deadline, timeoutMs: STATEMENT_MS }),
    );
    if (outcome.kind === 'rows') return null;
    return outcome.kind === 'refused' ? outcome.error.message : outcome.reason;
  };
}
