/**
 * The rig of the integration tests: the built agent as a process of its own, a real S3 server behind a proxy that
 * makes faults, the stand-in engine as the agent's child, short times. Everything ends after each test, by pid.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, inject } from 'vitest';
import type { Status } from '../../agent/core/status.ts';
import { createFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { findFreePort } from './free-port.ts';
import { isProven } from './proven.ts';
import { type Ended, type LogLine, type Program, parseLog, startProgram } from './rig-agent.ts';
import { type EngineLine, endLeftovers, readRecord, STAND_IN_COMMAND } from './rig-engine.ts';
import { type LiveState, type LiveWatcher, readLive, watchLive } from './rig-live.ts';
import {
  createBucketStore,
  createDirectoryStore,
  type Files,
  type SyncOptions,
  syncFiles,
} from './rig-source.ts';

export const SYSTEM = 'acme';

/** Everything that waits is short, but in the order of the defaults: poll < settle < prove, stable < spacing. */
export const QUICK_TIMES: Readonly<Record<string, string>> = {
  GATEWAY_POLL_INTERVAL: '100ms',
  GATEWAY_LIST_INTERVAL: '400ms',
  GATEWAY_SETTLE: '500ms',
  GATEWAY_SETTLE_DELETIONS: '1s',
  GATEWAY_DRAIN: '1s',
  GATEWAY_PROVE: '6s',
  GATEWAY_PROVE_FIRST: '6s',
  GATEWAY_STABLE: '500ms',
  GATEWAY_RESTART_SPACING: '1s',
  GATEWAY_PUBLISH_STABLE: '500ms',
};

export interface RigOptions {
  readonly source?: 's3' | 'directory';
  /** Settings and other variables of the agent, over the rig's own. An empty text takes a variable away. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the stand-in engine is told, until `setScript`. */
  readonly script?: unknown;
  /** false: the bucket is not made. */
  readonly hasBucket?: boolean;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Records the agent's outside effects, so that `killBeforeEffect` works. */
  readonly recordsEffects?: boolean;
}

export interface Effect {
  readonly n: number;
  readonly name: string;
  readonly details: readonly string[];
  readonly killed: boolean;
}

export type Rig = Awaited<ReturnType<typeof createRig>>;

const open = new Set<{ dispose(): Promise<void> }>();

afterEach(async () => {
  for (const rig of open) await rig.dispose();
  open.clear();
});

const withoutEmpty = (env: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));

export async function createRig(options: RigOptions = {}) {
  const root = await mkdtemp(path.join(os.tmpdir(), 'gateway-rig-'));
  const at = (...names: string[]) => path.join(root, ...names);
  const bundle = path.join(inject('bundleDir'), 'gateway-agent.cjs');
  const endpoint = inject('motoEndpoint');
  const bucket = path.basename(root).toLowerCase();
  const isBucket = options.source !== 'directory';
  const proxy: FaultProxy | null = isBucket ? await createFaultProxy({ target: endpoint }) : null;
  const s3 = createBucketStore({ endpoint, bucket, system: SYSTEM });
  if (isBucket && options.hasBucket !== false) await s3.create();
  if (!isBucket) mkdirSync(at('source'));
  const store = isBucket ? s3 : createDirectoryStore(at('source'));
  const port = await findFreePort();
  const files = { etc: at('etc'), record: at('engine.jsonl'), script: at('script.json') };

  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: root,
    TMPDIR: root,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_ENDPOINT_URL_S3: proxy?.url ?? 'http://127.0.0.1:9',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    GATEWAY_SYSTEM: SYSTEM,
    GATEWAY_SOURCE: isBucket ? `s3://${bucket}` : `file://${at('source')}`,
    GATEWAY_STATE_DIR: at('state'),
    GATEWAY_ETC_DIR: files.etc,
    GATEWAY_RUN_DIR: at('run'),
    GATEWAY_SUPERVISOR: 'child',
    GATEWAY_ENGINE: 'stand-in',
    GATEWAY_COMMAND: JSON.stringify(STAND_IN_COMMAND),
    GATEWAY_ANALYTICS_URL: `http://127.0.0.1:${port}`,
    GATEWAY_HTTP: 'off',
    STAND_IN_RECORD: files.record,
    STAND_IN_SCRIPT: files.script,
    EFFECTS_RECORD: at('effects.jsonl'),
    EFFECTS_ARM: at('effects-arm'),
    ...QUICK_TIMES,
    ...options.env,
  };
  const programs: Program[] = [];
  let agent: Program | null = null;
  let watcher: LiveWatcher | null = null;

  const setScript = (script: unknown) => writeFileSync(files.script, JSON.stringify(script));
  setScript(options.script ?? {});

  const startAgent = (args: readonly string[], start: StartOptions): Program => {
    const preload =
      start.recordsEffects === true ? ['--require', path.resolve('test/support/effects-preload.cjs')] : [];
    const command = [process.execPath, ...preload, bundle, ...args];
    const program = startProgram({ command, env: withoutEmpty({ ...env, ...start.env }), cwd: root });
    programs.push(program);
    return program;
  };

  const readStatus = (): Status | null => {
    try {
      return JSON.parse(readFileSync(at('run', 'status.json'), 'utf8')) as Status;
    } catch (error) {
      // Before the first report there is none; half a document would be a fault and is thrown.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  };
  const describe = (): string => {
    const log = programs.map((program) => program.stdout().slice(-3000) + program.stderr().slice(-2000));
    return `${JSON.stringify(readStatus(), null, 1)}\n${log.join('\n--- next start ---\n')}`;
  };
  const running = (): Program => {
    if (agent === null) throw new Error('the agent was not started');
    return agent;
  };

  const rig = {
    root,
    bucket,
    port,
    proxy,
    s3,
    store,
    etc: files.etc,
    state: at('state'),
    env,
    setScript,

    /** Starts the daemon. Does not wait for anything. */
    start(start: StartOptions = {}): Program {
      if (agent?.isRunning() === true) throw new Error('the agent runs already');
      agent = startAgent([], start);
      return agent;
    },
    /** Runs `--once` to its end. */
    once: (start: StartOptions & { timeoutMs?: number } = {}): Promise<Ended> =>
      startAgent(['--once'], start).ended(start.timeoutMs ?? 60_000),
    /** Ends the daemon at once, leaving its child alone. */
    kill: (signal: NodeJS.Signals = 'SIGKILL'): Promise<Ended> => running().end(signal),
    /** Ends the daemon as systemd does. */
    stop: (): Promise<Ended> => running().end('SIGTERM'),
    agent: running,

    status: readStatus,
    /** Resolves with the first status that the predicate likes; after `timeoutMs` rejects with what there was. */
    async waitFor(predicate: (status: Status) => boolean, timeoutMs = 20_000): Promise<Status> {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const status = readStatus();
        if (status !== null && predicate(status)) return status;
        if (agent !== null && !agent.isRunning())
          throw new Error(`the agent ended while waiting\n${describe()}`);
        if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${predicate}\n${describe()}`);
        await sleep(20);
      }
    },
    /** Resolves when this snapshot (or, without one, any) is live, proven and serving. */
    waitForProven: (snapshot?: string, timeoutMs?: number): Promise<Status> =>
      rig.waitFor((status) => isProven(status, snapshot), timeoutMs),

    /** Makes the source hold exactly these files; resolves with the snapshot's name. */
    sync: (wanted: Files, sync: SyncOptions = {}): Promise<string> =>
      syncFiles(store, sync.group ?? SYSTEM, wanted, sync),
    putObject: (key: string, bytes: string | Uint8Array, group = SYSTEM) => store.put(group, key, bytes),
    deleteObject: (key: string, group = SYSTEM) => store.remove(group, key),

    /** The live etc at one moment: path to text. */
    live: (): Promise<LiveState> => readLive(files.etc),
    /** Records every state of the live etc from now until the test ends. */
    async watchLive(): Promise<LiveWatcher> {
      watcher ??= await watchLive(files.etc);
      return watcher;
    },

    engineRecord: (): EngineLine[] => readRecord(files.record),
    engineStarts: (): EngineLine[] => readRecord(files.record).filter(({ kind }) => kind === 'start'),

    /**
     * The agent dies by SIGKILL before its n-th outside effect from now, or before the first that tells of this text
     * (`start({ recordsEffects: true })`).
     */
    killBeforeEffect(which: number | string): void {
      writeFileSync(at('effects-arm'), String(which));
    },
    /** Outside effects since `killBeforeEffect`; the last one did not happen when `killed`. */
    effects(): Effect[] {
      return readRecord(at('effects.jsonl')) as unknown as Effect[];
    },
    disarm(): void {
      rmSync(at('effects-arm'), { force: true });
      rmSync(at('effects.jsonl'), { force: true });
    },

    /** Log lines of all starts so far. */
    log: (): LogLine[] => programs.flatMap((program) => parseLog(program.stdout())),
    describe,

    async dispose(): Promise<void> {
      await watcher?.stop();
      for (const program of programs) if (program.isRunning()) await program.end('SIGKILL');
      endLeftovers(
        readRecord(files.record).map(({ pid }) => pid),
        root,
      );
      await proxy?.close();
      s3.client.destroy();
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
  open.add(rig);
  return rig;
}
