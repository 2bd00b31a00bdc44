/** `packer/stage.sh` with parts that are small and real, and a cache of the test's own. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inject } from 'vitest';
import { makeScratch } from './scratch.ts';

/** What an engine and Java are known by. */
const PARTS = { 'engine-1.0/plugin/tpch/a.jar': 'a jar', 'java/bin/java': '#!/bin/sh\n' };

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface Staged {
  readonly status: number;
  readonly output: string;
}

export async function createStageRig() {
  const dir = await makeScratch();
  const cache = path.join(dir, 'cache');
  for (const [file, text] of Object.entries(PARTS)) {
    await mkdir(path.dirname(path.join(dir, file)), { recursive: true });
    await writeFile(path.join(dir, file), text);
  }
  const target = path.join(dir, 'contents');

  const start = (environment: Readonly<Record<string, string>>) =>
    spawn('packer/stage.sh', [target], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${inject('pythonBin')}:${process.env.PATH}`,
        XDG_CACHE_HOME: cache,
        STAGE_INSTALL: 'no',
        JAVA_FROM: path.join(dir, 'java'),
        ...environment,
      },
    });

  return {
    dir,
    start,
    async stage(environment: Readonly<Record<string, string>>): Promise<Staged> {
      const child = start(environment);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString();
        });
      }
      const [status] = (await once(child, 'close')) as [number | null];
      return { status: status ?? 128, output };
    },
    /** The engine packed as its owner supplies it. */
    async packEngine(type: 'zip' | 'tar.gz'): Promise<{ readonly file: string; readonly sha256: string }> {
      const file = path.join(dir, `engine.${type}`);
      const [program, args] =
        type === 'zip'
          ? (['python3', ['-m', 'zipfile', '-c', file, 'engine-1.0']] as const)
          : (['tar', ['--create', '--gzip', '--file', file, 'engine-1.0']] as const);
      const [status] = await once(spawn(program, args, { cwd: dir, stdio: 'inherit' }), 'close');
      if (status !== 0) throw new Error(`${program} ended with ${status}`);
      return { file, sha256: sha256(await readFile(file)) };
    },
    /** The archive of the engine that the bake is given, or null. */
    async engine(): Promise<Buffer | null> {
      const file = path.join(target, 'engine.tar');
      return existsSync(file) ? await readFile(file) : null;
    },
    /** Files that the cache keeps, by their checksum; locks left out. */
    kept(): string[] {
      const home = path.join(cache, 'datomic-access-gateway/image');
      return existsSync(home) ? readdirSync(home).filter((name) => !name.endsWith('.lock')) : [];
    },
  };
}
