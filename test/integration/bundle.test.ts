import { copyFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
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
