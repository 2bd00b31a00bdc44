import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { count, decodeJson, shape, text } from '../core/decode.ts';
import { writeFileAtomically } from './atomic-file.ts';

/** Which child this agent has, on disk before the child runs the command. */
export interface ChildRecord {
  readonly pid: number;
  readonly startTime: number;
  readonly bootId: string;
  /** In the environment of the child and of all that it starts. */
  readonly token: string;
  readonly startedAt: number;
}

export interface ChildRecordFile {
  /** null when there is none, or one that is no record. */
  read(): Promise<ChildRecord | null>;
  write(record: ChildRecord): Promise<void>;
  remove(): Promise<void>;
}

const decoder = shape<ChildRecord>({
  pid: count,
  startTime: count,
  bootId: text,
  token: text,
  startedAt: count,
});

export function createChildRecordFile(runDir: string): ChildRecordFile {
  const path = join(runDir, 'child.json');
  return {
    read: async () => {
      const json = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      if (json === null) return null;
      const decoded = decodeJson(decoder, json);
      return decoded.isValid ? decoded.value : null;
    },
    write: (record) => {
      const bytes = new TextEncoder().encode(`${JSON.stringify(record)}\n`);
      return writeFileAtomically({ path, bytes, mode: 0o640 });
    },
    remove: () => rm(path, { force: true }),
  };
}
