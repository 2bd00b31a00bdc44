/**
 * The rig of the tests on real engines: the built agent with PrestoSQL 350 or Trino 476 as its child, a directory as
 * source, short times. One rig serves many tests, since a start of an engine takes some ten seconds.
 */

import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Answer } from '../../agent/core/answer.ts';
import type { Status } from '../../agent/core/status.ts';
import { runSql } from '../run/sql.mjs';
import { findFreePort } from './free-port.ts';
import { isProven } from './proven.ts';
import { type LogLine, type Program, parseLog, startProgram } from './rig-agent.ts';

export type EngineName = 'presto' | 'trino';
export type EngineFiles = Readonly<Record<string, string>>;

const run = promisify(execFile);
const PLUGINS: Readonly<Record<EngineName, readonly string[]>> = {
  presto: ['memory', 'postgresql', 'tpch'],
  trino: ['memory', 'tpch'],
};
/** Longer than any start on two busy cores; only what never happens waits so long. */
const WAIT_MS = 120_000;

/** Several times what the query that ends takes on two idle cores: machines of CI are slow and shared. */
export const DRAIN_MS = 20_000;
const TIMES: Readonly<Record<string, string>> = {
  GATEWAY_POLL_INTERVAL: '200ms',
  GATEWAY_LIST_INTERVAL: '500ms',
  GATEWAY_SETTLE: '300ms',
  GATEWAY_SETTLE_DELETIONS: '300ms',
  GATEWAY_DRAIN: `${DRAIN_MS}ms`,
  GATEWAY_PROVE: '90s',
  GATEWAY_PROVE_FIRST: '120s',
  GATEWAY_STABLE: '500ms',
  GATEWAY_RESTART_SPACING: '3s',
  GATEWAY_PUBLISH_STABLE: '1s',
};

export type EngineRig = Awaited<ReturnType<typeof createEngineRig>>;

export async function createEngineRig(name: EngineName) {
  const setup = execFileSync('test/tools/setup-engine.sh', [name], { encoding: 'utf8' });
  const [distribution = '', java = ''] = setup.trim().split('\n');
  const root = mkdtempSync(path.join(os.tmpdir(), `gateway-${name}-`));
  const at = (...names: string[]) => path.join(root, ...names);
  // The image carries few plugins, too: each one that is loaded makes every start longer.
  mkdirSync(at('home', 'plugin'), { recursive: true });
  symlinkSync(path.join(distribution, 'lib'), at('home', 'lib'));
  for (const plugin of PLUGINS[name])
    symlinkSync(path.join(distribution, 'plugin', plugin), at('home', 'plugin', plugin));
  mkdirSync(at('source'));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: root,
    TMPDIR: root,
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9',
    GATEWAY_SYSTEM: 'acme',
    GATEWAY_SOURCE: `file://${at('source')}`,
    GATEWAY_STATE_DIR: at('state'),
    GATEWAY_ETC_DIR: at('analytics', 'etc'),
    GATEWAY_RUN_DIR: at('run'),
    GATEWAY_SUPERVISOR: 'child',
    GATEWAY_ENGINE: name,
    GATEWAY_ENGINE_HOME: at('home'),
    GATEWAY_JAVA: java,
    GATEWAY_COMMAND: JSON.stringify([path.resolve('test/support/engine-with-heap.sh'), root]),
    GATEWAY_CONNECTORS: JSON.stringify([...PLUGINS[name], 'nosuch']),
    GATEWAY_ANALYTICS_URL: url,
    GATEWAY_HTTP: 'off',
    ...TIMES,
  };
  const programs: Program[] = [];
  const ctl = path.resolve('dist/gatewayctl.cjs');
  let files: EngineFiles = {};

  const readStatus = (): Status | null => {
    try {
      return JSON.parse(readFileSync(at('run', 'status.json'), 'utf8')) as Status;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  };
  const engineLog = () => readFileSync(at('run', 'analytics.log'), 'utf8');
  const describe = () =>
    [
      JSON.stringify(readStatus(), null, 1),
      programs.at(-1)?.stdout().slice(-3_000),
      engineLog().slice(-3_000),
    ].join('\n');

  const rig = {
    root,
    url,
    port,
    env,
    files: () => files,
    status: readStatus,
    engineLog,
    describe,
    log: (): LogLine[] => programs.flatMap((program) => parseLog(program.stdout())),

    /** The options of the JVM's memory plan from the next start on. */
    setFlags(flags: readonly string[]): void {
      writeFileSync(at('flags'), flags.map((flag) => `${flag}\n`).join(''));
    },
    start(): void {
      const command = [process.execPath, path.resolve('dist/gateway-agent.cjs')];
      programs.push(startProgram({ command, env, cwd: path.resolve('.') }));
    },
    /** Makes the source hold exactly these files. */
    sync(wanted: EngineFiles): void {
      for (const file of Object.keys(files)) if (wanted[file] === undefined) rmSync(at('source', file));
      for (const [file, text] of Object.entries(wanted)) {
        if (files[file] === text) continue;
        mkdirSync(path.dirname(at('source', file)), { recursive: true });
        writeFileSync(at('source', file), text);
      }
      files = wanted;
    },
    async waitFor(isTrue: (status: Status) => boolean, what: string, timeoutMs = WAIT_MS): Promise<Status> {
      for (const deadline = Date.now() + timeoutMs; ; await sleep(50)) {
        const status = readStatus();
        if (status !== null && isTrue(status)) return status;
        if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}\n${describe()}`);
      }
    },
    /** The catalogs that were synced last are live, proven and serving. */
    async waitForProven(): Promise<Status> {
      const catalogs = Object.keys(files).filter((file) => file.startsWith('catalog/'));
      const isLive = () =>
        catalogs.every((file) => {
          try {
            return readFileSync(at('analytics', 'etc', file), 'utf8') === files[file];
          } catch {
            // Not published yet.
            return false;
          }
        });
      return rig.waitFor(
        (status) => isLive() && isProven(status) && status.proven?.digest === status.desired?.digest,
        'live, proven and serving',
      );
    },
    sql: (
      sql: string,
      options: { user?: string; signal?: AbortSignal; onStart?: (id: string) => void } = {},
    ) => runSql(url, sql, options) as Promise<readonly (readonly unknown[])[]>,
    /** One statement through the vendor's own command line client. */
    async vendorClient(sql: string): Promise<string> {
      const argv = ['-jar', path.join(distribution, 'cli.jar'), '--server', url, '--execute', sql];
      return (await run(java, argv, { timeout: 60_000 })).stdout;
    },
    /** What `gatewayctl … --json` answers, whatever its exit code. */
    async ask(...args: readonly string[]): Promise<Answer> {
      const argv = [ctl, ...args, '--json', '--wait', '2m'];
      const { stdout } = await run(process.execPath, argv, { env, timeout: 150_000 }).catch(
        (error: { stdout: string }) => error,
      );
      return JSON.parse(stdout) as Answer;
    },
    async dispose(): Promise<void> {
      for (const program of programs) if (program.isRunning()) await program.end('SIGTERM', 30_000);
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
  return rig;
}
