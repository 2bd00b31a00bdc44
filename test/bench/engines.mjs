// Real engines for the figures about restarts: one that a shell script restarts, and one under the agent.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../run/free-port.mjs';
import { createManifest } from '../run/upload.mjs';
import { createEnv, createGateway } from './gateway.mjs';

const MAIN_CLASS = { presto: 'io.prestosql.server.PrestoServer', trino: 'io.trino.server.TrinoServer' };
const START_TIMEOUT_MS = 180_000;

/** Fetches the engine, and trains a second home of the same files. */
export function setUpEngine(name) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  const printed = execFileSync('test/tools/setup-engine.sh', [name], { encoding: 'utf8', stdio });
  const [home, java] = printed.trim().split('\n');
  const warmHome = mkdtempSync(path.join(os.tmpdir(), 'gateway-bench-engine-'));
  for (const part of ['lib', 'plugin']) symlinkSync(path.join(home, part), path.join(warmHome, part));
  execFileSync(process.execPath, ['dist/gatewayctl.cjs', 'engine', 'train'], {
    env: {
      ...createEnv(),
      GATEWAY_ENGINE: name,
      GATEWAY_ENGINE_HOME: warmHome,
      GATEWAY_JAVA: java,
      GATEWAY_CONNECTORS: '["tpch"]',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { name, home, java, warmHome, dispose: () => rmSync(warmHome, { recursive: true, force: true }) };
}

/** Two texts of one catalog that mean different things, so that each is a change of catalogs. */
const catalogOf = (round) => `connector.name=tpch\ntpch.splits-per-node=${2 + (round % 2)}\n`;

/** The engine below an agent. `restart` changes the catalog and resolves with the time at which a restart was decided. */
export async function createAgentEngine({ name, home, java, env = {} }) {
  const source = mkdtempSync(path.join(os.tmpdir(), 'gateway-bench-etc-'));
  const url = `http://127.0.0.1:${await findFreePort()}`;
  let round = 0;
  const publish = () => {
    const files = { 'catalog/tpch.properties': catalogOf(round) };
    mkdirSync(path.join(source, 'catalog'), { recursive: true });
    for (const [file, text] of Object.entries({
      ...files,
      'manifest.json': createManifest(files, 'bench'),
    })) {
      writeFileSync(path.join(source, `${file}.new`), text);
      renameSync(path.join(source, `${file}.new`), path.join(source, file));
    }
    round += 1;
  };
  publish();
  const gateway = await createGateway({
    source: `file://${source}`,
    env: {
      GATEWAY_ENGINE: name,
      GATEWAY_ENGINE_HOME: home,
      GATEWAY_JAVA: java,
      GATEWAY_CONNECTORS: '["tpch"]',
      GATEWAY_COMMAND: JSON.stringify([path.resolve('systemd/analytics-run')]),
      GATEWAY_ANALYTICS_URL: url,
      GATEWAY_RESTART_SPACING: '0s',
      ...env,
    },
  });
  const historyFile = path.join(gateway.state, 'history.jsonl');
  const restarts = () =>
    (existsSync(historyFile) ? readFileSync(historyFile, 'utf8') : '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .filter(({ what }) => what.startsWith('restart'));
  const waitForProven = (isNext = () => true) =>
    gateway.waitFor(
      (status) =>
        status.proven !== null &&
        status.proven.digest === status.effective?.digest &&
        status.proven.digest === status.desired?.digest &&
        status.analytics.serving &&
        isNext(status),
      START_TIMEOUT_MS,
    );
  gateway.start();
  let proven = (await waitForProven()).proven.digest;
  return {
    url,
    etc: gateway.etc,
    async restart() {
      const before = restarts().length;
      publish();
      while (restarts().length === before) await sleep(5);
      return Date.parse(restarts().at(-1).at);
    },
    /** Resolves with what the agent itself says of the restart, in ms. */
    async settle() {
      const status = await waitForProven((next) => next.proven.digest !== proven);
      proven = status.proven.digest;
      return status.analytics.lastRestart;
    },
    async stop() {
      await gateway.stop();
      rmSync(source, { recursive: true, force: true });
    },
  };
}

/** The same engine with the same options of the JVM, started and restarted by a shell script. */
export async function createPeerEngine({ name, home, java, likeEtc }) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'gateway-bench-peer-'));
  const [etc, data] = [path.join(root, 'etc'), path.join(root, 'data')];
  const port = await findFreePort();
  for (const dir of [path.join(etc, 'catalog'), data]) mkdirSync(dir, { recursive: true });
  cpSync(path.join(likeEtc, 'jvm.config'), path.join(etc, 'jvm.config'));
  const config = readFileSync(path.join(likeEtc, 'config.properties'), 'utf8')
    .replace(/^(http-server\.http\.port=).*$/m, `$1${port}`)
    .replace(/^(discovery\.uri=).*$/m, `$1http://127.0.0.1:${port}`);
  writeFileSync(path.join(etc, 'config.properties'), config);
  writeFileSync(path.join(etc, 'catalog/tpch.properties'), catalogOf(0));
  let engine = null;
  const begin = () => {
    const pid = engine === null ? '-' : String(engine.pid);
    const args = [pid, home, java, etc, data, MAIN_CLASS[name]];
    engine = spawn('test/bench/peers/restart-engine.sh', args, { env: createEnv(), stdio: 'ignore' });
  };
  begin();
  return {
    url: `http://127.0.0.1:${port}`,
    async restart() {
      const at = Date.now();
      begin();
      return at;
    },
    async settle() {
      return null;
    },
    async stop() {
      const gone = once(engine, 'exit');
      engine.kill('SIGKILL');
      await gone;
      rmSync(root, { recursive: true, force: true });
    },
  };
}
