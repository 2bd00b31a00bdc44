// The agent's installed unit on real systemd: start to READY against the same start without the sandbox, resident memory
// and heap after 1,000 cycles. Needs root and what test/tools/setup-e2e.sh installs; without root it is skipped by name.

import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../run/free-port.mjs';
import { startCountingProxy } from '../counting-proxy.mjs';
import { SYSTEM } from '../gateway.mjs';
import { judge } from '../judge.mjs';
import { loadModule } from '../load-module.mjs';
import { describeSpread, median, round } from '../statistics.mjs';

const TITLE = 'The agent in its unit';
const START_LIMIT_RATIO = 3;
const MEMORY_LIMIT_RATIO = 1.8;
const HEAP_LIMIT_MIB = 1;
const CYCLES = 1_000;
const ROUNDS = 5;
const AGENT = 'gateway-agent.service';
const PLAIN = 'plain-agent.service';
const NODE = '/opt/datomic/gateway/bin/node';
const HOME = '/opt/datomic/analytics';
const HEAP_FILE = '/run/datomic-gateway/heap.txt';
const MIB = 2 ** 20;

/** Loaded into the agent before its program: on SIGUSR2 it collects its garbage and writes down what is left. */
const HEAP_PROBE = `process.on('SIGUSR2', () => {
  gc();
  gc();
  require('node:fs').writeFileSync('${HEAP_FILE}', String(process.memoryUsage().heapUsed));
});
`;

async function createSettled({ bucket, proxy }) {
  const { createInstance } = await loadModule('test/support/instance.ts');
  const instance = await createInstance();
  const [enginePort, fs] = [await findFreePort(), await import('node:fs/promises')];
  const settings = {
    system: SYSTEM,
    region: 'eu-west-1',
    'source.uri': bucket.uri,
    'source.pollInterval': '20ms',
    'source.listInterval': '300ms',
    'analytics.url': `http://127.0.0.1:${enginePort}`,
    'analytics.engine': 'stand-in',
    'analytics.command': [NODE, `${HOME}/engine.mjs`],
    'http.listen': 'off',
    'restart.stable': '1s',
    'publish.stable': '1s',
  };
  await instance.write('/etc/datomic-gateway/agent.json', JSON.stringify(settings));
  const environment = `AWS_ACCESS_KEY_ID=test\nAWS_SECRET_ACCESS_KEY=test\nAWS_ENDPOINT_URL_S3=${proxy.url}\n`;
  await instance.write('/etc/datomic-gateway/environment', environment);
  for (const name of (await fs.readdir('test/stand-in')).filter((file) => file.endsWith('.mjs'))) {
    await instance.write(`${HOME}/${name}`, await fs.readFile(`test/stand-in/${name}`));
  }
  const started = '[Service]\nEnvironment=GATEWAY_STARTED_DIR=/run/datomic-analytics/started\n';
  await instance.write('/etc/systemd/system/datomic-analytics.service.d/stand-in.conf', started);
  await instance.write(`/etc/systemd/system/${PLAIN}`, await plainUnit());
  await instance.boot();
  await waitFor(instance, ({ proven, analytics }) => proven !== null && analytics.serving);
  return instance;
}

/** The unit as it is installed, without its sandbox and limits. */
async function plainUnit() {
  const { readFile } = await import('node:fs/promises');
  const text = (await readFile(`systemd/${AGENT}`, 'utf8')).replaceAll('\\\n', '');
  const kept =
    /^(\[Unit|\[Service|Type|NotifyAccess|ExecStart=|EnvironmentFile|Environment|User|Group|Supplem|UMask|\w+Directory)/;
  return text
    .split('\n')
    .filter((line) => kept.test(line))
    .join('\n');
}

async function waitFor(instance, predicate) {
  for (const deadline = performance.now() + 60_000; ; await sleep(20)) {
    const text = await instance.read('/run/datomic-gateway/status.json');
    if (text !== null && predicate(JSON.parse(text))) return;
    if (performance.now() > deadline) throw new Error(`the gateway did not get there: ${predicate}\n${text}`);
  }
}

/** From the fork of the main process to READY, by systemd's own clock. */
async function timeStart(instance, unit) {
  await instance.sh(`systemctl start ${unit}`);
  const stamps = ['ExecMainStartTimestampMonotonic', 'ActiveEnterTimestampMonotonic'];
  const shown = await instance.show(unit, ...stamps);
  await instance.sh(`systemctl stop ${unit}`);
  return (Number(shown[stamps[1]]) - Number(shown[stamps[0]])) / 1_000;
}

const readResidentMiB = async (instance, pid) =>
  Number((await instance.sh(`sed -n 's/^VmRSS:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/${pid}/status`)) / 1_024);

async function measureBareMiB(instance) {
  const pid = await instance.sh(
    `${NODE} -e 'setInterval(() => {}, 1 << 30)' </dev/null >/dev/null 2>&1 & echo $!`,
  );
  await sleep(2_000);
  const found = await readResidentMiB(instance, pid);
  await instance.sh(`kill -KILL ${pid}`);
  return found;
}

const waitForCycles = async (proxy, count) => {
  const before = proxy.counts.requests;
  while (proxy.counts.requests - before < count) await sleep(50);
};

async function measureHeapMiB(instance, pid) {
  await instance.sh(`rm -f ${HEAP_FILE}; kill -USR2 ${pid}`);
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; await sleep(20)) {
    const text = await instance.read(HEAP_FILE);
    if (text !== null && text !== '') return Number(text) / MIB;
  }
  throw new Error('the agent did not write down its heap');
}

/** How much more the heap holds after so many cycles, garbage collected both times. */
async function measureHeapGrowthMiB(instance, proxy) {
  await instance.write('/etc/heap-probe.cjs', HEAP_PROBE);
  const dropIn = '[Service]\nEnvironment="NODE_OPTIONS=--require /etc/heap-probe.cjs --expose-gc"\n';
  await instance.write(`/etc/systemd/system/${AGENT}.d/probe.conf`, dropIn);
  await instance.sh(`systemctl daemon-reload; systemctl restart ${AGENT}`);
  const { MainPID: pid } = await instance.show(AGENT, 'MainPID');
  await waitForCycles(proxy, CYCLES / 5);
  const before = await measureHeapMiB(instance, pid);
  await waitForCycles(proxy, CYCLES);
  return (await measureHeapMiB(instance, pid)) - before;
}

export async function measureInstance({ bucket }) {
  if (process.geteuid() !== 0) {
    const notMeasured = [['The agent in its unit', 'needs root']];
    return { title: TITLE, rows: [], method: 'Not measured.', notMeasured };
  }
  const proxy = await startCountingProxy({ target: bucket.endpoint });
  const instance = await createSettled({ bucket, proxy });
  try {
    const bareMiB = await measureBareMiB(instance);
    await waitForCycles(proxy, CYCLES);
    const { MainPID: pid } = await instance.show(AGENT, 'MainPID');
    const agentMiB = await readResidentMiB(instance, pid);
    const growthMiB = await measureHeapGrowthMiB(instance, proxy);

    await instance.sh(
      `rm -r /etc/systemd/system/${AGENT}.d; systemctl daemon-reload; systemctl stop ${AGENT}`,
    );
    const times = { unit: [], plain: [] };
    for (let n = 0; n < ROUNDS; n += 1) {
      times.unit.push(await timeStart(instance, AGENT));
      times.plain.push(await timeStart(instance, PLAIN));
    }
    const [startRatio, memoryRatio] = [median(times.unit) / median(times.plain), agentMiB / bareMiB];
    return {
      title: TITLE,
      rows: [
        {
          what: 'start to READY with a release on disk, in the unit, ms',
          measured: describeSpread(times.unit),
        },
        { what: 'the same without the sandbox, ms', measured: describeSpread(times.plain) },
        judge({ what: 'unit to no sandbox', value: round(startRatio), limit: START_LIMIT_RATIO }),
        { what: 'bare `node`, MiB', measured: round(bareMiB) },
        { what: `agent in its unit after ${CYCLES} looks, MiB`, measured: round(agentMiB) },
        judge({
          what: 'agent in its unit, to bare `node`',
          value: round(memoryRatio),
          limit: MEMORY_LIMIT_RATIO,
        }),
        judge({
          what: `heap after ${CYCLES} looks more, garbage collected, MiB`,
          value: round(growthMiB),
          limit: HEAP_LIMIT_MIB,
        }),
      ],
      method:
        'In a container with systemd 252 as PID 1, on the Node that is installed with the gateway, with the flags of the unit; the bare one has none. Starts by systemd’s own clock, from fork to READY, in turns. A look is a request to S3 with the cycle that it causes, every 20 ms.',
      raw: { times, bareMiB, agentMiB, growthMiB },
    };
  } finally {
    await instance.dispose();
    await proxy.close();
  }
}
