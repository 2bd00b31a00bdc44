/** The daemon's entry: arguments, settings, exit code. The only place of the daemon that reads the environment. */
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createLog } from './adapters/log.ts';
import { describeError, ERRORS, toAgentError } from './core/errors.ts';
import { runDaemon } from './daemon.ts';
import { loadSettings } from './settings.ts';

declare const __VERSION__: string;
const VERSION = typeof __VERSION__ === 'undefined' ? '0.0.0-source' : __VERSION__;

const USAGE = `usage: gateway-agent [--config FILE] [--once]

  --config FILE  settings (default /etc/datomic-gateway/agent.json), then environment
  --once         cycles until nothing is left to do, then ends: 0 proven, 65 refused or held,
                 69 not proven, 75 try again
  --version, --help
`;

function readArguments(): { readonly file: string | null; readonly isOnce: boolean } {
  const options = {
    config: { type: 'string' },
    once: { type: 'boolean' },
    version: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values } = parseArgs({ options });
    if (values.version === true || values.help === true) {
      process.stdout.write(values.version === true ? `${VERSION}\n` : USAGE);
      process.exit(0);
    }
    return { file: values.config ?? null, isOnce: values.once ?? false };
  } catch (error) {
    process.stderr.write(
      `gateway-agent: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`,
    );
    process.exit(2);
  }
}

/** Every part beside the cycle waits for the one signal of the end, often in several calls. Node warns from ten on. */
const MOST_WAITERS = 64;

async function main(): Promise<void> {
  const { file, isOnce } = readArguments();
  setMaxListeners(MOST_WAITERS);
  const log = createLog(process.env.GATEWAY_LOG_LEVEL ?? 'info');
  try {
    const readFile = (path: string) => readFileSync(path, 'utf8');
    const settings = loadSettings({ file, env: process.env, readFile });
    process.exitCode = await runDaemon({ settings, env: process.env, log, version: VERSION, isOnce });
  } catch (thrown) {
    const error = toAgentError(thrown);
    const { exitCode, hint } = ERRORS[error.code];
    log.error(
      { event: 'agent.failed', code: error.code, hint, ...error.fields, err: error },
      describeError(error),
    );
    if (error.code === 'SETTINGS_INVALID') {
      for (const problem of (error.fields.problems ?? []) as readonly string[]) {
        process.stderr.write(`gateway-agent: ${problem}\n`);
      }
    }
    process.exitCode = exitCode;
  }
  // Nothing is left to wait for: sockets kept alive must not hold the process.
  process.exit();
}

void main();
