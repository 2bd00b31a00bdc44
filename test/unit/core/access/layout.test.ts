import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ACCESS_FILES, ACCESS_LAYOUT, CLIENT_USER } from '../../../../agent/core/access/layout.ts';

const read = (name: string) => readFileSync(`systemd/${name}`, 'utf8');
const { stateDir, runDir, rulesFile, hostKeyFile } = ACCESS_LAYOUT;

it('sshd reads the files that are written, and the units name the same places', () => {
  const sshd = read('sshd/00-gateway.conf');
  expect(sshd).toContain(`Match User ${CLIENT_USER}\n`);
  expect(sshd).toContain(`AuthorizedKeysFile ${runDir}/${ACCESS_FILES.clientKeys}\n`);
  expect(sshd).toContain(`AuthorizedKeysFile ${stateDir}/${ACCESS_FILES.adminKeys}\n`);
  expect(sshd).toContain(`Include ${stateDir}/${ACCESS_FILES.permitOpen}\n`);
  expect(sshd).toContain(`HostKey ${hostKeyFile.replace(/\.pub$/, '')}\n`);
  expect(read('bin/access-setup')).toContain(`key=${hostKeyFile.replace(/\.pub$/, '')}\n`);
  expect(read('gateway-packet-filter.service')).toContain(`nft -f ${rulesFile}\n`);
  expect(read('gateway-access.service')).toContain(`StateDirectory=${stateDir.replace('/var/lib/', '')}\n`);
  expect(read('gateway-access.service')).toContain(`RuntimeDirectory=${runDir.replace('/run/', '')}\n`);
});

it('without the rendered file nothing is forwarded: what follows the Include is none', () => {
  expect(read('sshd/00-gateway.conf')).toMatch(/^ *Include \/var.*\n *PermitOpen none$/m);
});

it('what install lays down holds no key', () => {
  const targets = read('installed-files.txt')
    .split('\n')
    .filter((line) => /^(?:file|link)/.test(line))
    .map((line) => line.split(/\s+/)[3] ?? '');
  expect(targets.filter((to) => /ssh_host|authorized_keys|_keys$|\.pem$|\.pub$/.test(to))).toEqual([]);
  expect(targets.filter((to) => to.startsWith(stateDir) || to.startsWith(runDir))).toEqual([]);
});
