import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const LOCK = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
};
const run = promisify(execFile);
/** What a build reads: sources, and the packages that are bundled or bundle; of other platforms some are not there. */
const SOURCES = ['agent', 'test/tools', 'package.json', 'package-lock.json', 'LICENSE'];
const isForBuild = (at: string) =>
  /^node_modules\/(@esbuild\/|esbuild$)/.test(at) || (at !== '' && LOCK.packages[at]?.dev !== true);
const PACKAGES = Object.keys(LOCK.packages).filter(
  // Those below another package come with it.
  (at) => isForBuild(at) && at.lastIndexOf('node_modules/') === 0,
);

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'gateway-reproducible-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Hard links where the file system allows them: 90 MB that nobody changes. */
const copy = (from: string, to: string) =>
  run('cp', ['-Rl', from, to]).catch(async () => {
    await rm(to, { recursive: true, force: true });
    await run('cp', ['-R', from, to]);
  });

/** A checkout of its own, whole: a link to node_modules would lead esbuild back to the directory of this one. */
async function checkOut(name: string): Promise<string> {
  const root = path.join(scratch, name);
  for (const at of [...SOURCES, ...PACKAGES].filter((each) => existsSync(each))) {
    await mkdir(path.dirname(path.join(root, at)), { recursive: true });
    await copy(at, path.join(root, at));
  }
  return root;
}

/** Builds in `root`, whatever this process' own surroundings are; name to checksum of what came out. */
async function build(root: string, umask: string, env: Record<string, string>) {
  const command = `umask ${umask} && exec "$0" test/tools/build.mjs`;
  await run('/bin/sh', ['-c', command, process.execPath], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', HOME: root, ...env },
  });
  const names = (await readdir(path.join(root, 'dist'))).sort();
  const digests = names.map(async (name) => {
    const bytes = await readFile(path.join(root, 'dist', name));
    return [name, createHash('sha256').update(bytes).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}

it('two builds of one commit have the same bytes, wherever and by whom they are made', async () => {
  const [one, other] = [await checkOut('a'), await checkOut('deeper/in a directory/of anöther user')];
  const commit = { SOURCE_COMMIT: '0123456789' };
  const first = await build(one, '022', { ...commit, TZ: 'UTC', LC_ALL: 'C' });
  const second = await build(other, '077', { ...commit, TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8' });
  expect(Object.keys(first)).toEqual([
    'THIRD-PARTY-LICENSES.txt',
    'gateway-agent.cjs',
    'gateway-agent.cjs.map',
    'gatewayctl.cjs',
    'gatewayctl.cjs.map',
    'sbom.cdx.json',
  ]);
  expect(second).toEqual(first);

  // So that it is seen that the comparison sees: of another commit the programs and their SBOM are others.
  const third = await build(one, '022', { SOURCE_COMMIT: 'fedcba9876', TZ: 'UTC', LC_ALL: 'C' });
  const differing = Object.keys(first).filter((name) => first[name] !== third[name]);
  expect(differing).toEqual(['gateway-agent.cjs', 'gatewayctl.cjs', 'sbom.cdx.json']);
});
