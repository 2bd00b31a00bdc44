import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { createInstance, disposeInstances } from '../../support/instance.ts';
import { makeScratch } from '../../support/scratch.ts';

afterAll(disposeInstances);

const make = (target: string, destination: string) =>
  promisify(execFile)('make', [target, `DESTDIR=${destination}`]);

/** Everything below a directory: name, kind, mode, target of links. */
const treeOf = async (dir: string): Promise<string[]> =>
  (await promisify(execFile)('find', [dir, '-printf', '%P %y %m %l\n'])).stdout.split('\n').sort();

/** The rows of the list that decides. */
async function readList() {
  const lines = (await readFile('systemd/installed-files.txt', 'utf8')).split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [kind = '', mode = '', from = '', to = ''] = line.split(/\s+/);
      return { kind, mode, from, to };
    });
}

it('make install puts everything where its list says, twice too, and uninstall leaves nothing', async () => {
  const destination = await makeScratch();
  await mkdir(path.join(destination, 'usr/local/bin'), { recursive: true });
  await writeFile(path.join(destination, 'usr/local/bin/other'), '');
  const before = await treeOf(destination);

  await make('install', destination);
  const once = await treeOf(destination);
  await make('install', destination);
  expect(await treeOf(destination)).toEqual(once);
  for (const { kind, mode, to } of await readList()) {
    if (kind === 'file') {
      const { mode: found } = await stat(path.join(destination, to));
      expect(`0${(found & 0o7777).toString(8)} ${to}`).toBe(`${mode} ${to}`);
    } else expect(once.some((line) => line.startsWith(`${to.slice(1)} l `))).toBe(true);
  }

  await make('uninstall', destination);
  expect(await treeOf(destination)).toEqual(before);
});

it('everything in systemd/ is installed, but what installs it', async () => {
  const names = await readdir('systemd', { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative('.', path.join(entry.parentPath, entry.name)));
  const listed = (await readList()).map(({ from }) => from);
  const installers = ['systemd/install.sh', 'systemd/installed-files.txt'];
  expect(files.filter((file) => !listed.includes(file)).sort()).toEqual(installers);
});

it('the installed programs run on a machine that has no Node of its own', async () => {
  const instance = await createInstance();
  await instance.boot();
  expect(await instance.sh('command -v node || echo none')).toBe('none');
  expect(await instance.sh('gatewayctl --version')).toMatch(/^\d+\.\d+\.\d+/);
});
