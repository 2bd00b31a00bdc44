#!/usr/bin/env node
// `make run`: the real agent on this machine, with the example as source, an engine as its child and short times. State
// stays under .run/, so the next `make run` goes on where this one stopped.
//
//   node test/run/run.mjs [--source dir|s3] [--engine stand-in|presto|trino] [--home DIR] [--programs DIR]

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { startBucket } from './bucket.mjs';
import { endEarlierRun, forgetProcesses, rememberProcess } from './earlier-run.mjs';
import { describeFirstSteps } from './first-steps.mjs';
import { keepPort } from './free-port.mjs';
import { printLog } from './print-log.mjs';
import { onReaderGone } from './reader-gone.mjs';
import { startUploader } from './upload.mjs';

const { values } = parseArgs({
  options: {
    source: { type: 'string', default: 'dir' },
    engine: { type: 'string', default: 'stand-in' },
    home: { type: 'string', default: '.run' },
    programs: { type: 'string', default: 'dist' },
  },
});
const ALLOWED = { source: ['dir', 's3'], engine: ['stand-in', 'presto', 'trino'] };
for (const [name, allowed] of Object.entries(ALLOWED)) {
  if (allowed.includes(values[name])) continue;
  process.stderr.write(`make run: ${name.toUpperCase()} is ${allowed.join(' or ')}, not "${values[name]}"\n`);
  process.exit(2);
}
const isBucket = values.source === 's3';
const isStandIn = values.engine === 'stand-in';

const SYSTEM = 'demo';
const STOP_TIMEOUT_MS = 20_000;
const example = isStandIn ? 'test/example' : 'test/example-engine';
const source = path.resolve(values.home, isStandIn ? 'source' : 'source-engine');
const home = path.resolve(values.home, isStandIn ? values.source : `${values.engine}-${values.source}`);
const hasColour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const say = (text) => process.stdout.write(`${hasColour ? styleText('cyan', text) : text}\n`);

const engine = isStandIn ? null : setUpEngine(values.engine);
mkdirSync(home, { recursive: true });
const isFirstRun = !existsSync(source);
if (isFirstRun) cpSync(example, source, { recursive: true });
await endEarlierRun({ home, say });

const closers = [];
const bucket = isBucket ? await startBucket({ system: SYSTEM, home }) : null;
if (bucket !== null) {
  rememberProcess({ home, name: 'S3 server', pid: bucket.pid });
  closers.push(() => bucket.close());
  const uploader = await startUploader({ ...bucket, root: source, say });
  closers.unshift(() => uploader.close());
}

const enginePort = await keepPort(path.join(home, 'port'));
const script = path.join(home, 'stand-in.json');
const env = {
  // The defaults are made for a JVM and for other people's tools; nobody wants to watch those.
  GATEWAY_POLL_INTERVAL: '500ms',
  GATEWAY_LIST_INTERVAL: '2s',
  GATEWAY_SETTLE: '1s',
  GATEWAY_SETTLE_DELETIONS: '2s',
  GATEWAY_DRAIN: isStandIn ? '5s' : '30s',
  GATEWAY_PROVE: isStandIn ? '10s' : '90s',
  GATEWAY_PROVE_FIRST: isStandIn ? '10s' : '180s',
  GATEWAY_STABLE: '2s',
  GATEWAY_RESTART_SPACING: '3s',
  GATEWAY_PUBLISH_STABLE: '3s',
  // Your own variables win over these times: GATEWAY_STABLE=10s make run
  ...process.env,
  // Nothing here may reach real AWS: no credentials of yours, no instance metadata.
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'eu-west-1',
  AWS_ENDPOINT_URL: bucket?.endpoint ?? 'http://127.0.0.1:9',
  AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  GATEWAY_SYSTEM: SYSTEM,
  GATEWAY_SOURCE: bucket?.uri ?? `file://${source}`,
  GATEWAY_STATE_DIR: path.join(home, 'state'),
  GATEWAY_ETC_DIR: path.join(home, 'etc'),
  GATEWAY_RUN_DIR: path.join(home, 'run'),
  GATEWAY_SUPERVISOR: 'child',
  GATEWAY_ENGINE: values.engine,
  GATEWAY_ANALYTICS_URL: `http://127.0.0.1:${enginePort}`,
  GATEWAY_HTTP: 'off',
  ...(engine === null ? standInVariables() : engineVariables(engine)),
};

say(describeFirstSteps({ isBucket, isFirstRun, home, source, enginePort, bucket, engine: values.engine }));

// A process group of its own: Ctrl-C reaches this program alone, which then asks the agent to end, and the agent
// its engine.
const agent = spawn(process.execPath, [path.join(values.programs, 'gateway-agent.cjs')], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
rememberProcess({ home, name: 'agent', pid: agent.pid });
const printed = printLog({ input: agent.stdout, output: process.stdout });

let isStopping = false;
const stop = () => {
  if (isStopping) return;
  isStopping = true;
  say('\nstopping the agent and its engine (Ctrl-C again: at once)');
  agent.kill('SIGTERM');
  setTimeout(() => process.kill(-agent.pid, 'SIGKILL'), STOP_TIMEOUT_MS).unref();
};
let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    signals += 1;
    if (signals === 1) stop();
    else process.kill(-agent.pid, 'SIGKILL');
  });
}
closers.unshift(onReaderGone(stop));
// Whatever ends this program, its agent does not stay behind.
process.once('exit', () => agent.kill('SIGTERM'));

const [code, signal] = await once(agent, 'exit');
await printed;
for (const close of closers) await close();
forgetProcesses({ home });
if (isStopping && code === 0) {
  say('stopped. `make run` goes on from here; `make clean` forgets everything.');
} else {
  process.stderr.write(`the agent ended with ${code === null ? signal : `status ${code}`}\n`);
  process.exitCode = code === null || code === 0 ? 70 : code;
}

function standInVariables() {
  // Long enough to be seen, short enough not to bore.
  writeFileSync(script, JSON.stringify({ startMs: 1_000, serveMs: 500 }));
  return {
    GATEWAY_COMMAND: JSON.stringify([process.execPath, path.resolve('test/stand-in/engine.mjs')]),
    STAND_IN_SCRIPT: script,
  };
}

/** Fetches the engine, once for all checkouts; says itself what is missing. */
function setUpEngine(name) {
  try {
    const stdio = ['ignore', 'pipe', 'inherit'];
    const printed = execFileSync('test/tools/setup-engine.sh', [name], { encoding: 'utf8', stdio });
    const [engineHome, java] = printed.trim().split('\n');
    return { home: engineHome, java };
  } catch (error) {
    process.exit(error.status ?? 70);
  }
}

function engineVariables({ home: engineHome, java }) {
  return {
    GATEWAY_COMMAND: JSON.stringify([path.resolve('systemd/analytics-run')]),
    GATEWAY_ENGINE_HOME: engineHome,
    GATEWAY_JAVA: java,
    GATEWAY_CONNECTORS: '["tpch","memory"]',
  };
}
