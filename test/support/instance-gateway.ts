/**
 * A whole gateway in a throw-away instance: the installed units as they are, the stand-in engine in the engine's place,
 * a bucket in moto outside behind a proxy that makes faults, and short times.
 */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { Status } from '../../agent/core/status.ts';
import { createFaultProxy } from './fault-proxy.ts';
import { findFreePort } from './free-port.ts';
import { createInstance, type Instance } from './instance.ts';
import { isProven } from './proven.ts';
import { type LogLine, parseLog } from './rig-agent.ts';
import { type EngineLine, readRecord } from './rig-engine.ts';
import { type LiveState, readLive } from './rig-live.ts';
import { createBucketStore, type Files, type SyncOptions, syncFiles } from './rig-source.ts';

export const AGENT = 'gateway-agent.service';
export const ANALYTICS = 'datomic-analytics.service';
export const SYSTEM = 'acme';
export const ETC = '/var/lib/datomic-analytics/etc';
export const STATE = '/var/lib/datomic-gateway';
export const STARTED = '/run/datomic-analytics/started';
export const DATA = '/var/lib/datomic-analytics/data';
export const ENGINE_HOME = '/opt/datomic/analytics';
export const NODE = '/opt/datomic/gateway/bin/node';

/** Everything that waits is short, but in the order of the defaults. */
const QUICK = {
  'source.pollInterval': '200ms',
  'source.listInterval': '500ms',
  'source.settle': '500ms',
  'source.settleDeletions': '1s',
  'restart.drain': '1s',
  'restart.prove': '20s',
  'restart.proveFirst': '20s',
  'restart.stable': '500ms',
  'restart.spacing': '1s',
  'publish.stable': '500ms',
};

export interface GatewayOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What the stand-in engine is told from the beginning. */
  readonly script?: unknown;
  /** Drop-ins by unit: lines of the section [Service]. */
  readonly dropIns?: Readonly<Record<string, readonly string[]>>;
  /** `http://127.0.0.1:PORT` of instance metadata; default: a port on which nothing listens. */
  readonly metadata?: string;
  /** false: the shipped settings stay, so first boot has to write them. */
  readonly hasSettings?: boolean;
}

export type Gateway = Awaited<ReturnType<typeof createGateway>>;

/** Switched off. `close` it when the test is over; the instance goes with `disposeInstances`. */
export async function createGateway(options: GatewayOptions = {}) {
  const instance = await createInstance();
  const bucket = path.basename(instance.dir).toLowerCase();
  const s3 = createBucketStore({ endpoint: inject('motoEndpoint'), bucket, system: SYSTEM });
  await s3.create();
  const proxy = await createFaultProxy({ target: inject('motoEndpoint') });
  const [port, httpPort] = [await findFreePort(), await findFreePort()];

  const settings = {
    system: SYSTEM,
    region: 'eu-west-1',
    'source.uri': `s3://${bucket}`,
    'analytics.url': `http://127.0.0.1:${port}`,
    'analytics.engine': 'stand-in',
    'analytics.command': [NODE, `${ENGINE_HOME}/engine.mjs`],
    'http.listen': `127.0.0.1:${httpPort}`,
    ...QUICK,
    ...options.settings,
  };
  if (options.hasSettings !== false) {
    await instance.write('/etc/datomic-gateway/agent.json', JSON.stringify(settings));
  }
  const environment = {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_ENDPOINT_URL_S3: proxy.url,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: options.metadata ?? 'http://127.0.0.1:9',
  };
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  await instance.write('/etc/datomic-gateway/environment', lines.join(''), 0o600);
  await installStandIn(instance);
  const setScript = (script: unknown) => instance.write('/etc/stand-in.json', JSON.stringify(script));
  await setScript(options.script ?? {});
  for (const [unit, dropIn] of Object.entries(options.dropIns ?? {})) {
    await instance.write(`/etc/systemd/system/${unit}.d/test.conf`, `[Service]\n${dropIn.join('\n')}\n`);
  }

  const gateway = {
    instance,
    s3,
    proxy,
    port,
    bucket,
    settings,
    /** What the stand-in engine does from its next start on. */
    setScript,
    sync: (files: Files, sync: SyncOptions = {}): Promise<string> => syncFiles(s3, SYSTEM, files, sync),

    /** The status document; null before the first one. */
    async status(): Promise<Status | null> {
      const text = await instance.read('/run/datomic-gateway/status.json');
      return text === null ? null : (JSON.parse(text) as Status);
    },
    /** Resolves with the first status that the predicate likes; rejects with what there was. */
    async waitFor(predicate: (status: Status) => boolean, timeoutMs = 30_000): Promise<Status> {
      let found: Status | null = null;
      await gateway.waitUntil(
        async () => {
          found = await gateway.status();
          return found !== null && predicate(found);
        },
        `a status with ${predicate}`,
        timeoutMs,
      );
      return found as unknown as Status;
    },
    /** This snapshot, or without one any, is live, proven and serving. */
    waitForProven: (snapshot?: string, timeoutMs?: number): Promise<Status> =>
      gateway.waitFor((status) => isProven(status, snapshot), timeoutMs),
    /** Again and again until it holds. */
    async waitUntil(isTrue: () => Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
      for (const deadline = Date.now() + timeoutMs; !(await isTrue()); await sleep(50)) {
        if (Date.now() > deadline)
          throw new Error(`not within ${timeoutMs} ms: ${what}\n${await describe()}`);
      }
    },

    /** The main process of a unit, as the instance counts; 0 for none. */
    pidOf: async (unit: string): Promise<number> => Number((await instance.show(unit, 'MainPID')).MainPID),
    live: (): Promise<LiveState> => readLive(instance.path(ETC)),
    engineRecord: (): EngineLine[] => readRecord(instance.path(`${DATA}/record.jsonl`)),
    engineStarts: (): number => gateway.engineRecord().filter(({ kind }) => kind === 'start').length,
    /** What the agent has logged since the instance was switched on. */
    log: async (): Promise<LogLine[]> => parseLog(await instance.journal(AGENT)),

    async close(): Promise<void> {
      await proxy.close();
      s3.client.destroy();
      await instance.dispose();
    },
  };

  async function describe(): Promise<string> {
    if (!instance.isOn()) return 'the instance is switched off';
    const [agent, analytics] = [await instance.journal(AGENT), await instance.journal(ANALYTICS)];
    const units = await instance.run(
      'systemctl',
      'list-units',
      '--no-pager',
      '--all',
      '*gateway*',
      '*analytics*',
    );
    const status = JSON.stringify(await gateway.status(), null, 1);
    return [status, units.stdout, agent.slice(-4_000), analytics.slice(-2_000)].join('\n---\n');
  }
  return gateway;
}

/** In the place where an engine's distribution would lie, started by the unit that would start it. */
async function installStandIn(instance: Instance): Promise<void> {
  for (const name of await readdir('test/stand-in')) {
    if (!name.endsWith('.mjs')) continue;
    await instance.write(`${ENGINE_HOME}/${name}`, await readFile(path.join('test/stand-in', name)));
  }
  const environment = {
    GATEWAY_STARTED_DIR: STARTED,
    STAND_IN_SCRIPT: '/etc/stand-in.json',
    STAND_IN_RECORD: `${DATA}/record.jsonl`,
    STAND_IN_RELOAD_MS: '200',
  };
  const lines = Object.entries(environment).map(([name, value]) => `Environment=${name}=${value}\n`);
  const dropIn = `/etc/systemd/system/${ANALYTICS}.d/stand-in.conf`;
  await instance.write(dropIn, `[Service]\n${lines.join('')}`);
}
