// The bundle from dist/ as its own process, as on an instance, but for a stand-in engine as its child.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../run/free-port.mjs';
import { MARK } from './clean-up.mjs';

export const SYSTEM = 'bench';
/** What every contestant is started with, after the run has named itself (`beginRun`). */
export const createEnv = () => ({ PATH: process.env.PATH, HOME: os.tmpdir(), [MARK]: process.env[MARK] });

/** The Node that the gateway is installed with; `make bench` fetches it. */
const INSTALLED_NODE = path.resolve(`packer/node/node_modules/node-linux-${process.arch}/bin/node`);

/** The Node that runs the agent and is the bare one beside it: BENCH_NODE, or the one that the gateway has. */
export const NODE_PROGRAM =
  process.env.BENCH_NODE ?? (existsSync(INSTALLED_NODE) ? INSTALLED_NODE : process.execPath);

/**
 * How the agent's Node is started: a small young generation, and no compilers. The agent does a few milliseconds of
 * work every two seconds: compiled code never pays for its memory. Everything here is measured with them.
 */
export const NODE_FLAGS = [
  '--max-semi-space-size=1',
  '--max-old-space-size=96',
  '--optimize-for-size',
  '--no-opt',
  '--no-sparkplug',
  '--no-maglev',
];

/** And how its malloc is told to keep nothing: as the unit has it. */
export const NODE_MALLOC = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '32768',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/** A fresh gateway on fresh directories. `start` returns at once, and takes settings of that one start. */
export async function createGateway({
  source,
  endpoint = 'http://127.0.0.1:9',
  env = {},
  nodeFlags = NODE_FLAGS,
}) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'gateway-bench-'));
  const enginePort = await findFreePort();
  let agent = null;
  const settings = {
    ...createEnv(),
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    GATEWAY_SYSTEM: SYSTEM,
    GATEWAY_SOURCE: source,
    GATEWAY_STATE_DIR: path.join(root, 'state'),
    GATEWAY_ETC_DIR: path.join(root, 'etc'),
    GATEWAY_RUN_DIR: path.join(root, 'run'),
    GATEWAY_SUPERVISOR: 'child',
    GATEWAY_ENGINE: 'stand-in',
    GATEWAY_COMMAND: JSON.stringify([process.execPath, path.resolve('test/stand-in/engine.mjs')]),
    GATEWAY_ANALYTICS_URL: `http://127.0.0.1:${enginePort}`,
    GATEWAY_HTTP: 'off',
    GATEWAY_STABLE: '1s',
    GATEWAY_PUBLISH_STABLE: '1s',
    GATEWAY_RESTART_SPACING: '1s',
    // Node 22 and newer keep compiled code there, as on an instance; older ones know nothing of it.
    NODE_COMPILE_CACHE: path.join(root, 'compile-cache'),
    ...(nodeFlags === NODE_FLAGS ? NODE_MALLOC : {}),
    ...env,
  };
  let output = '';
  const readStatus = () => {
    try {
      return JSON.parse(readFileSync(path.join(root, 'run', 'status.json'), 'utf8'));
    } catch {
      // Not yet written.
      return null;
    }
  };
  return {
    root,
    etc: settings.GATEWAY_ETC_DIR,
    state: settings.GATEWAY_STATE_DIR,
    get pid() {
      return agent.pid;
    },
    readStatus,
    start(more = {}) {
      agent = spawn(NODE_PROGRAM, [...nodeFlags, 'dist/gateway-agent.cjs'], {
        env: { ...settings, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      for (const stream of [agent.stdout, agent.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          output = (output + text).slice(-20_000);
        });
      }
    },
    async waitFor(predicate, timeoutMs = 30_000) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const status = readStatus();
        if (status !== null && predicate(status)) return status;
        if (agent.exitCode !== null || performance.now() > deadline) {
          throw new Error(
            `gateway did not get there: ${predicate}\n${JSON.stringify(status?.conditions)}\n${output.slice(-3_000)}`,
          );
        }
        await sleep(10);
      }
    },
    /** Ends the agent, and keeps its directories for another start. */
    async end() {
      const isRunning = agent !== null && agent.exitCode === null && agent.signalCode === null;
      if (isRunning) {
        const gone = once(agent, 'exit');
        agent.kill('SIGTERM');
        const timer = setTimeout(() => agent.kill('SIGKILL'), 15_000);
        await gone;
        clearTimeout(timer);
      }
    },
    async stop() {
      await this.end();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
