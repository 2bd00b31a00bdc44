#!/usr/bin/env node
// `make run`: the real agent on this machine, with the example as source, a stand-in engine as its child and short
// times. State stays under .run/, so the next `make run` goes on where this one stopped.
//
//   node test/run/run.mjs [--source dir|s3] [--engine stand-in] [--home DIR] [--programs DIR]

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { startBucket } from './bucket.mjs';
import { endEarlierRun, forgetProcesses, rememberProcess } from './earlier-run.mjs';
import { describeFirstSteps } from './first-steps.mjs';
import { findFreePort } from './free-port.mjs';
import { printLog } from './print-log.mjs';
import { startUploader } from './upload.mjs';

const { values } = parseArgs({
  options: {
    source: { type: 'string', default: 'dir' },
    engine: { type: 'string', default: 'stand-in' },
    home: { type: 'string', default: '.run' },
    programs: { type: 'string', default: 'dist' },
  },
});
for (const [name, allowed] of Object.entries({ source: ['dir', 's3'], engine: ['stand-in'] })) {
  if (allowed.includes(values[name])) continue;
  process.stderr.write(`make run: ${name.toUpperCase()} is ${allowed.join(' or ')}, not "${values[name]}"\n`);
  process.exit(2);
}
const isBucket = values.source === 's3';

const SYSTEM = 'demo';
const STOP_TIMEOUT_MS = 20_000;
const source = path.resolve(values.home, 'source');
const home = path.resolve(values.home, values.source);
const hasColour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const say = (text) => process.stdout.write(`${hasColour ? styleText('cyan', text) : text}\n`);

mkdirSync(home, { recursive: true });
const isFirstRun = !existsSync(source);
if (isFirstRun) cpSync('test/example', source, { recursive: true });
await endEarlierRun({ home, say });

const closers = [];
const bucket = isBucket ? await startBucket({ system: SYSTEM, home }) : null;
if (bucket !== null) {
  rememberProcess({ home, name: 'S3 server', pid: bucket.pid });
  closers.push(() => bucket.close());
  const uploader = await startUploader({ ...bucket, root: source, say });
  closers.unshift(() => uploader.close());
}

const enginePort = await findFreePort();
// Long enough to be seen, short enough not to bore.
const script = path.join(home, 'stand-in.json');
writeFileSync(script, JSON.stringify({ startMs: 1_000, serveMs: 500 }));
const env = {
  // The defaults are made for a JVM and for other people's tools; nobody wants to watch those.
  GATEWAY_POLL_INTERVAL: '500ms',
  GATEWAY_LIST_INTERVAL: '2s',
  GATEWAY_SETTLE: '1s',
  GATEWAY_SETTLE_DELETIONS: '2s',
  GATEWAY_DRAIN: '5s',
  GATEWAY_PROVE: '10s',
  GATEWAY_PROVE_FIRST: '10s',
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
  GATEWAY_ENGINE: 'stand-in',
  GATEWAY_COMMAND: JSON.stringify([process.execPath, path.resolve('test/stand-in/engine.mjs')]),
  GATEWAY_ANALYTICS_URL: `http://127.0.0.1:${enginePort}`,
  GATEWAY_HTTP: 'off',
  STAND_IN_SCRIPT: script,
};

say(describeFirstSteps({ isBucket, isFirstRun, home, source, enginePort, bucket }));

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
  if (isStopping) {
    process.kill(-agent.pid, 'SIGKILL');
    return;
  }
  isStopping = true;
  say('\nstopping the agent and its engine (Ctrl-C again: at once)');
  agent.kill('SIGTERM');
  setTimeout(() => process.kill(-agent.pid, 'SIGKILL'), STOP_TIMEOUT_MS).unref();
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

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
