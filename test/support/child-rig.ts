/** A child supervisor over the real stand-in engine, for the tests of the supervisors. */
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ChildSupervisorOptions } from '../../agent/adapters/child-run.ts';
import { createChildSupervisor } from '../../agent/adapters/child-supervisor.ts';
import { createClock } from '../../agent/adapters/clock.ts';
import type { Digest } from '../../agent/core/types.ts';
import type { StartedCopy, Supervisor } from '../../agent/ports.ts';
import { findFreePort } from './free-port.ts';
import { type EngineLine, endLeftovers, readRecord } from './rig-engine.ts';
import { makeScratch } from './scratch.ts';

export const STAND_IN = [process.execPath, resolve('test/stand-in/engine.mjs')];
const CATALOG = 'connector.name=datomic\ndatomic.databases=[shop]\n';

export interface ChildRig {
  readonly root: string;
  readonly runDir: string;
  readonly startedDir: string;
  readonly url: string;
  readonly options: ChildSupervisorOptions;
  /** Another supervisor on the same directory: what the next life of an agent makes. */
  create(overrides?: Partial<ChildSupervisorOptions>): Supervisor;
  setScript(script: object): Promise<void>;
  setCatalog(text: string): void;
  setCopyFails(fails: boolean): void;
  copies(): number;
  record(): readonly EngineLine[];
  starts(): readonly EngineLine[];
}

export async function createChildRig(overrides: Partial<ChildSupervisorOptions> = {}): Promise<ChildRig> {
  const root = await makeScratch();
  const port = await findFreePort();
  const at = (name: string) => join(root, name);
  const startedDir = at('started');
  await mkdir(at('etc/datomic'), { recursive: true });
  let catalog = CATALOG;
  let copies = 0;
  let fails = false;
  let started: StartedCopy | null = null;

  const makeStartedCopy = async (): Promise<StartedCopy> => {
    if (fails) throw new Error('told to fail');
    const next = at(`started.${copies + 1}`);
    await mkdir(join(next, 'catalog'), { recursive: true });
    await writeFile(join(next, 'catalog/shop.properties'), catalog);
    await writeFile(join(next, 'config.properties'), `http-server.http.port=${port}\n`);
    await symlink(at('etc/datomic'), join(next, 'datomic'));
    await rename(startedDir, at(`before.${copies}`)).catch(() => undefined);
    await rename(next, startedDir);
    copies += 1;
    started = { digest: String(copies).padStart(64, '0') as Digest, madeAt: Date.now() };
    return started;
  };

  const script = at('script.json');
  await writeFile(script, '{}');
  const options: ChildSupervisorOptions = {
    command: STAND_IN,
    env: { PATH: process.env.PATH, STAND_IN_RECORD: at('engine.jsonl'), STAND_IN_SCRIPT: script },
    cwd: root,
    runDir: at('run'),
    startedDir,
    makeStartedCopy,
    readStartedCopy: async () => started,
    clock: createClock(),
    graceMs: 500,
    ...overrides,
  };
  const made: Supervisor[] = [];
  const record = () => readRecord(at('engine.jsonl'));
  onTestFinished(async () => {
    for (const supervisor of made) await supervisor.close().catch(() => undefined);
    const pids = record().map(({ pid }) => pid);
    endLeftovers(pids, root);
  });

  return {
    root,
    runDir: at('run'),
    startedDir,
    url: `http://127.0.0.1:${port}`,
    options,
    create: (more = {}) => {
      const supervisor = createChildSupervisor({ ...options, ...more });
      made.push(supervisor);
      return supervisor;
    },
    setScript: (value) => writeFile(script, JSON.stringify(value)),
    setCatalog: (text) => {
      catalog = text;
    },
    setCopyFails: (value) => {
      fails = value;
    },
    copies: () => copies,
    record,
    starts: () => record().filter(({ kind }) => kind === 'start'),
  };
}

/** Whether a process lives; a dead one that nobody has reaped does not. */
export async function isProcessAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  return stat !== null && !/\) [ZX] /.test(stat);
}
