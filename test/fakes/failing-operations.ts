import { writeFile } from 'node:fs/promises';
import { type FileOperations, fileOperations } from '../../agent/adapters/file-operations.ts';

/** Stands for the end of the process: nothing that would run after a KILL has any effect after it. */
export class Killed extends Error {}

export type DeathMoment = 'before' | 'half' | 'after';

/**
 * The real operations until step `step` (from 0), then death: before it, after it, or, for a write, with half the
 * bytes on disk and nothing synced. All later steps fail without touching the disk. `count` says how many ran.
 */
export function createMortalOperations(step: number, moment: DeathMoment) {
  let taken = 0;
  let isDead = false;

  function mortal<A extends readonly unknown[]>(
    run: (...args: A) => Promise<void>,
    runHalf: (...args: A) => Promise<void> = async () => undefined,
  ) {
    return async (...args: A): Promise<void> => {
      if (isDead) throw new Killed();
      const isLast = taken === step;
      taken += 1;
      if (!isLast) return await run(...args);
      isDead = true;
      if (moment === 'after') await run(...args);
      if (moment === 'half') await runHalf(...args);
      throw new Killed();
    };
  }

  const operations: FileOperations = {
    writeNew: mortal(fileOperations.writeNew, async (path, bytes) => {
      await writeFile(path, bytes.subarray(0, Math.floor(bytes.length / 2)));
    }),
    writeUnsynced: mortal(fileOperations.writeUnsynced),
    append: mortal(fileOperations.append),
    link: mortal(fileOperations.link),
    rename: mortal(fileOperations.rename),
    syncDirectory: mortal(fileOperations.syncDirectory),
    makeDirectory: mortal(fileOperations.makeDirectory),
    // Only on an empty disk: no step that a test counts.
    makeDirectories: fileOperations.makeDirectories,
    unlink: mortal(fileOperations.unlink),
    removeDirectory: mortal(fileOperations.removeDirectory),
    removeTree: mortal(fileOperations.removeTree),
  };
  return { operations, count: () => taken, isDead: () => isDead };
}

/** The real operations, but the named one fails with this errno whenever its path matches. */
export function createFailingOperations(
  name: keyof FileOperations,
  errno: string,
  matches: (path: string) => boolean = () => true,
): FileOperations {
  const fail = async (path: string, ...rest: never[]): Promise<void> => {
    if (matches(path)) throw Object.assign(new Error(`${errno}: injected`), { code: errno, path });
    await (fileOperations[name] as (path: string, ...rest: never[]) => Promise<void>)(path, ...rest);
  };
  return { ...fileOperations, [name]: fail };
}
