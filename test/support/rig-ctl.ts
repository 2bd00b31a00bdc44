import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { Answer } from '../../agent/core/answer.ts';
import type { Rig } from './rig.ts';
import { type Ended, type Program, startProgram } from './rig-agent.ts';

/** The built command line, beside the rig's agent and with its settings. */
export interface Ctl {
  start(...args: string[]): Program;
  /** Runs it to its end. */
  run(...args: string[]): Promise<Ended>;
  /** The one JSON line that a request prints. */
  ask(...args: string[]): Promise<Answer & { readonly exitCode: number | null }>;
  /** Drops a request as anybody may, without the command line. */
  drop(id: string, document: unknown): void;
  answerOf(id: string): Answer | null;
  waitForAnswer(id: string, timeoutMs?: number): Promise<Answer>;
}

export function createCtl(rig: Rig): Ctl {
  const bundle = path.join(inject('bundleDir'), 'gatewayctl.cjs');
  const start = (...args: string[]) =>
    startProgram({ command: [process.execPath, bundle, ...args], env: rig.env, cwd: rig.root });
  const run = (...args: string[]) => start(...args).ended(60_000);
  const answerOf = (id: string): Answer | null => {
    try {
      return JSON.parse(readFileSync(path.join(rig.state, 'answers', `${id}.json`), 'utf8')) as Answer;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  };
  return {
    start,
    run,
    async ask(...args) {
      const { stdout, stderr, code } = await run(...args);
      if (stdout === '') throw new Error(`no answer: ${stderr}\n${rig.describe()}`);
      return { ...(JSON.parse(stdout) as Answer), exitCode: code };
    },
    drop(id, document) {
      const directory = path.join(rig.state, 'requests');
      mkdirSync(directory, { recursive: true });
      const partial = path.join(rig.root, `request-${process.hrtime.bigint()}`);
      writeFileSync(partial, JSON.stringify(document));
      renameSync(partial, path.join(directory, `${id}.json`));
    },
    answerOf,
    async waitForAnswer(id, timeoutMs = 30_000) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const answer = answerOf(id);
        if (answer !== null) return answer;
        if (Date.now() > deadline) throw new Error(`no answer to ${id}\n${rig.describe()}`);
        await sleep(20);
      }
    },
  };
}
