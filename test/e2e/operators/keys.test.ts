import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createKeyMaker } from '../../../agent/adapters/ssh-keygen.ts';
import { keyOfLine } from '../../../agent/core/access-key.ts';
import { makeScratch } from '../../support/scratch.ts';

const keygen = (...args: string[]) => execFileSync('ssh-keygen', args, { encoding: 'utf8' });

it('a pair that is made is one that ssh reads, and nothing of it stays on disk', async () => {
  const scratch = await makeScratch();
  vi.stubEnv('TMPDIR', scratch);
  onTestFinished(() => void vi.unstubAllEnvs());
  const maker = createKeyMaker();
  const { privateKey, publicKey } = await maker.make();
  expect(readdirSync(scratch)).toEqual([]);
  const file = path.join(scratch, 'key');
  writeFileSync(file, privateKey, { mode: 0o600 });
  expect(keyOfLine(keygen('-y', '-f', file))).toBe(publicKey);
  expect(publicKey).toMatch(/^ssh-ed25519 /);
});

it.each([
  ['an RSA key in PEM, as the original made them', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
  ['a key in the format of OpenSSH', ['-t', 'ecdsa']],
])('the public half of %s is derived', async (_title, args) => {
  const scratch = await makeScratch();
  const file = path.join(scratch, 'key');
  keygen('-q', '-N', '', '-f', file, ...args);
  const derived = await createKeyMaker().derive(readFileSync(file, 'utf8'));
  expect(derived).toBe(keyOfLine(readFileSync(`${file}.pub`, 'utf8')));
});

it('what is no key, or wants a passphrase, gives none, and nobody is asked', async () => {
  const scratch = await makeScratch();
  const file = path.join(scratch, 'key');
  keygen('-q', '-t', 'ed25519', '-N', 'secret', '-f', file);
  const maker = createKeyMaker();
  expect(await maker.derive(readFileSync(file, 'utf8'))).toBeNull();
  expect(await maker.derive('no key')).toBeNull();
});

it('while ssh-keygen works nobody else can read the private half', async () => {
  const scratch = await makeScratch();
  const seen = path.join(scratch, 'seen');
  mkdirSync(seen);
  // In place of ssh-keygen: tells the rights of what it is given.
  const program = path.join(scratch, 'keygen');
  writeFileSync(
    program,
    `#!/bin/sh\nfor last; do :; done\nstat -c %a "$last" "$(dirname "$last")" > ${seen}/modes\nexit 1\n`,
  );
  execFileSync('chmod', ['755', program]);
  expect(statSync(program).isFile()).toBe(true);
  expect(await createKeyMaker(program).derive('private')).toBeNull();
  expect(readFileSync(path.join(seen, 'modes'), 'utf8')).toBe('600\n700\n');
});

it('without ssh-keygen it says what to install', async () => {
  await expect(createKeyMaker('/nonexistent/ssh-keygen').make()).rejects.toMatchObject({
    code: 'KEYGEN_FAILED',
  });
});
