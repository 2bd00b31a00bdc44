import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answer } from '../core/answer.ts';
import { requestFileName } from '../core/request-document.ts';
import type { Clock } from '../ports.ts';
import { sweepPartials, writeFileAtomically } from './atomic-file.ts';
import { type FileOperations, fileOperations } from './file-operations.ts';
import { readSignature } from './file-signature.ts';

const DAY_MS = 24 * 60 * 60_000;
const MAX_AGE_MS = 7 * DAY_MS;
const MAX_ANSWERS = 1_000;
/** Looking through a thousand answers costs milliseconds: not after each one. */
const PRUNE_EVERY_MS = 60_000;
const PRUNE_EVERY_ANSWERS = 32;

export interface AnswerDirectory {
  has(id: string): Promise<boolean>;
  /** Durable when it resolves. The first answer to an id stays. */
  store(answer: Answer): Promise<void>;
  /** Removes what is older than 7 days, and the oldest above 1,000. Cheap when it was done lately. */
  prune(): Promise<void>;
}

/** Answers as files, one by each id. Rejects with Node's own errors. */
export function createAnswerDirectory(options: {
  readonly dir: string;
  readonly clock: Clock;
  readonly operations?: FileOperations;
}): AnswerDirectory {
  const { dir, clock } = options;
  const operations = options.operations ?? fileOperations;
  let isReady = false;
  let prunedAt: number | null = null;
  let storedSince = 0;

  const pathOf = (id: string) => join(dir, requestFileName(id));

  async function prepare(): Promise<void> {
    if (isReady) return;
    await operations.makeDirectories(dir, 0o750);
    await sweepPartials(dir, { operations });
    isReady = true;
  }

  async function removeOld(): Promise<void> {
    const now = clock.now();
    const found = await Promise.all(
      (await readdir(dir)).map(async (name) => {
        const stat = await lstat(join(dir, name)).catch(() => null);
        return { name, at: stat?.mtimeMs ?? 0 };
      }),
    );
    const newestFirst = found.toSorted((a, b) => b.at - a.at);
    // Room for those that come before the next look.
    const surplus = newestFirst.slice(MAX_ANSWERS - PRUNE_EVERY_ANSWERS);
    const outdated = newestFirst.filter(({ at }) => now - at > MAX_AGE_MS);
    for (const { name } of new Set([...surplus, ...outdated])) await operations.removeTree(join(dir, name));
  }

  return {
    has: async (id) => (await readSignature(pathOf(id))) !== null,
    async store(answer) {
      await prepare();
      if ((await readSignature(pathOf(answer.id))) !== null) return;
      const bytes = Buffer.from(`${JSON.stringify(answer)}\n`);
      // Who may look for it is decided by the directory.
      await writeFileAtomically({ path: pathOf(answer.id), bytes, mode: 0o644, operations });
      storedSince += 1;
    },
    async prune() {
      await prepare();
      const isDue =
        prunedAt === null || clock.now() - prunedAt >= PRUNE_EVERY_MS || storedSince >= PRUNE_EVERY_ANSWERS;
      if (!isDue) return;
      prunedAt = clock.now();
      storedSince = 0;
      await removeOld();
    },
  };
}
