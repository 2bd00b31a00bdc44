// From the return of an sshd to the return of the tunnel, through the real command line and the system's ssh.

import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge } from '../judge.mjs';
import { loadModule } from '../load-module.mjs';
import { describeSpread, round } from '../statistics.mjs';

const LIMIT_SECONDS = 5;
const OUTAGES_SECONDS = [0.5, 5, 20];
const ROUNDS = 4;
const TIMEOUT_MS = 60_000;
const SSHD = '/usr/sbin/sshd';

const countUps = (tunnel) => tunnel.stdout().split('"event":"up"').length - 1;

async function waitForUps(tunnel, count) {
  for (const deadline = performance.now() + TIMEOUT_MS; countUps(tunnel) < count; await sleep(5)) {
    if (performance.now() > deadline || !tunnel.isRunning()) {
      throw new Error(`the tunnel did not come up: ${tunnel.stdout()}${tunnel.stderr()}`);
    }
  }
}

/** One outage; resolves with the seconds from the moment in which sshd listens again. */
async function measureReturn({ rig, tunnel, gateway, outageSeconds }) {
  const ups = countUps(tunnel);
  await gateway.sshd.kill();
  await sleep(outageSeconds * 1_000);
  const back = await rig.restartSshd(gateway);
  const returnedAt = performance.now();
  await waitForUps(tunnel, ups + 1);
  return { gateway: back, seconds: (performance.now() - returnedAt) / 1_000 };
}

export async function measureTunnelReturn({ bucket }) {
  const title = 'Tunnel';
  if (!existsSync(SSHD)) {
    const notMeasured = [['From the return of sshd to the tunnel', `there is no ${SSHD} on this machine`]];
    return { title, rows: [], method: 'Not measured.', notMeasured };
  }
  // The clients of the tests' rigs take them from where the tests set them.
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  const { createTunnelRig } = await loadModule('test/support/tunnel-rig.ts');
  const { findFreePort } = await loadModule('test/support/free-port.ts');
  const rig = await createTunnelRig(bucket.endpoint);
  const rows = [];
  try {
    let gateway = await rig.launchGateway();
    const tunnel = rig.startTunnel('client', await findFreePort(), '--json');
    await waitForUps(tunnel, 1);
    for (const outageSeconds of OUTAGES_SECONDS) {
      const values = [];
      for (let count = 0; count < ROUNDS; count += 1) {
        const measured = await measureReturn({ rig, tunnel, gateway, outageSeconds });
        gateway = measured.gateway;
        values.push(measured.seconds);
      }
      const longest = round(Math.max(...values));
      rows.push(
        { what: `after ${outageSeconds} s without a server, s`, measured: describeSpread(values, 2) },
        judge({
          what: `the longest after ${outageSeconds} s, s`,
          value: longest,
          limit: LIMIT_SECONDS,
        }),
      );
    }
    await tunnel.end('SIGINT');
  } finally {
    await rig.dispose();
  }
  return {
    title,
    rows,
    method: `\`client access\` with the system's ssh to a real sshd on loopback that is killed with all its connections, ${ROUNDS} times for each outage, and started again with the same keys. Measured from the moment in which it listens to the moment in which ssh says that its forwarding stands. Each try asks EC2 and S3 (moto here) anew; how long the next try waits is what these figures show.`,
  };
}
