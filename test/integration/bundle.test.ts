import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { renderAllHelp } from '../../agent/cli/help-texts.ts';
import { type Ended, startProgram } from '../support/rig-agent.ts';

const BUNDLES = ['gateway-agent.cjs', 'gatewayctl.cjs'];

let empty: string;

beforeAll(async () => {
  empty = await mkdtemp(path.join(os.tmpdir(), 'gateway-alone-'));
});

afterAll(() => rm(empty, { recursive: true, force: true }));

/** Copies one program alone into a directory of its own, far from any node_modules, and runs it there. */
async function runAlone(bundle: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const directory = await mkdtemp(path.join(empty, 'run-'));
  await copyFile(path.join(inject('bundleDir'), bundle), path.join(directory, bundle));
  const program = startProgram({
    command: [process.execPath, bundle, ...args],
    env: { PATH: process.env.PATH ?? '', HOME: directory, ...env },
    cwd: directory,
  });
  return program.ended(20_000);
}

const build = async (outdir: string) => {
  await promisify(execFile)(process.execPath, ['test/tools/build.mjs', '--outdir', outdir], {
    env: { ...process.env, SOURCE_COMMIT: '0123456789' },
  });
  const names = (await readdir(outdir)).sort();
  const digests = names.map(async (name) => {
    const bytes = await readFile(path.join(outdir, name));
    return [name, createHash('sha256').update(bytes).digest('hex')];
  });
  return Object.fromEntries(await Promise.all(digests));
};

describe.each(BUNDLES)('%s, alone in an empty directory', (bundle) => {
  it('says its version', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    const { code, stdout, stderr } = await runAlone(bundle, ['--version']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim()).toMatch(new RegExp(`^${version.replaceAll('.', '\\.')}(\\+[0-9a-f]+)?$`));
  });

  it('calls an unknown flag a usage error', async () => {
    const { code, stderr } = await runAlone(bundle, ['--no-such-flag']);
    expect(code).toBe(2);
    expect(stderr).toContain('--no-such-flag');
  });

  it('can be executed without naming node', async () => {
    const file = path.join(inject('bundleDir'), bundle);
    expect((await stat(file)).mode & 0o777).toBe(0o755);
    expect(await readFile(file, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

it('settings that are wrong in three places end the agent with 78 and all three are named', async () => {
  const { code, stdout, stderr } = await runAlone('gateway-agent.cjs', [], {
    GATEWAY_SOURCE: 'ftp://somewhere',
    GATEWAY_POLL_INTERVAL: 'soon',
    GATEWAY_SUPERVISOR: 'upstart',
  });
  expect(code).toBe(78);
  for (const key of ['source.uri', 'source.pollInterval', 'analytics.supervisor']) {
    expect(stdout + stderr).toContain(key);
  }
});

it('validate judges a directory', async () => {
  const { code, stdout } = await runAlone('gatewayctl.cjs', ['validate', path.resolve('test/example')]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('valid') });
});

it.each([[], ['validate'], ['gateway', 'keys']])('prints the help of %s at once', async (...words) => {
  const { code, stdout, stderr } = await runAlone('gatewayctl.cjs', [...words, '--help']);
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: renderAllHelp()[words.join(' ')],
    stderr: '',
  });
});

it('two builds of one commit have the same bytes', async () => {
  const first = await build(path.join(empty, 'first'));
  const second = await build(path.join(empty, 'second'));
  expect(Object.keys(first)).toEqual([
    'THIRD-PARTY-LICENSES.txt',
    'gateway-agent.cjs',
    'gateway-agent.cjs.map',
    'gatewayctl.cjs',
    'gatewayctl.cjs.map',
    'sbom.cdx.json',
  ]);
  expect(second).toEqual(first);
});

it('the licence of every bundled package is beside the programs', async () => {
  const text = await readFile(path.join(inject('bundleDir'), 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  for (const name of ['@aws-sdk/client-s3', 'chokidar', 'convict', 'pino', 'systemd-notify']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+( \\(|$)`, 'm'));
  }
});
