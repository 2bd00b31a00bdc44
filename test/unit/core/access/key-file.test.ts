import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  knownHostsLineOf,
  readKeyFile,
  renderAdminKeys,
  renderClientKeys,
} from '../../../../agent/core/access/key-file.ts';
import { encodeBase64 } from '../../../../agent/core/base64.ts';

const field = (bytes: readonly number[]) => [0, 0, bytes.length >> 8, bytes.length & 0xff, ...bytes];
const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0));
const blobOf = (...fields: readonly (readonly number[])[]) =>
  encodeBase64(new Uint8Array(fields.flatMap(field)));
const some = (length: number, first = 7) => [first, ...new Array<number>(length - 1).fill(9)];

const ED25519 = `ssh-ed25519 ${blobOf(ascii('ssh-ed25519'), some(32))}`;
const RSA_3072 = `ssh-rsa ${blobOf(ascii('ssh-rsa'), [1, 0, 1], [0, ...some(384, 0x80)])}`;
const RSA_1024 = `ssh-rsa ${blobOf(ascii('ssh-rsa'), [1, 0, 1], [0, ...some(128, 0x80)])}`;
const P256 = `ecdsa-sha2-nistp256 ${blobOf(ascii('ecdsa-sha2-nistp256'), ascii('nistp256'), some(65, 4))}`;
const SK = `sk-ssh-ed25519@openssh.com ${blobOf(ascii('sk-ssh-ed25519@openssh.com'), some(32), ascii('ssh:'))}`;
const cert = `ssh-ed25519-cert-v01@openssh.com ${blobOf(ascii('ssh-ed25519-cert-v01@openssh.com'), some(32))}`;

describe('a file of access keys', () => {
  it('gives all its keys, whatever their comments, with blank lines and comments between them', () => {
    const text = `# made by ops\n\n${ED25519} ann@x\r\n  ${RSA_3072}\tbob the "builder"\n${P256}\n${SK} key\n${ED25519} again\n`;
    const { keys, ignored } = readKeyFile(text);
    expect(keys.map(({ type, blob }) => `${type} ${blob}`)).toEqual([ED25519, RSA_3072, P256, SK]);
    expect(ignored).toEqual([]);
  });

  it.each([
    ['options before a key', `command="/bin/sh" ${ED25519}`, 'options before a key are not honoured'],
    ['a key for certain addresses', `from="10.0.0.1" ${ED25519}`, 'options before a key are not honoured'],
    ['an authority', `cert-authority ${ED25519}`, 'options before a key are not honoured'],
    ['a certificate', cert, 'is a certificate'],
    ['a kind of key that is not accepted', 'ssh-dss AAAAB3NzaC1kc3MAAACB', 'of the kind ssh-dss'],
    ['a short RSA key', RSA_1024, 'has 1024 bits, and RSA needs 2048'],
    ['another kind than it says', ED25519.replace('ssh-ed25519', 'ssh-rsa'), 'is damaged'],
    ['a key that was cut off', ED25519.slice(0, -8), 'is damaged'],
    ['no key after the kind', 'ssh-ed25519', 'is damaged'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----', 'does not begin with a kind of key'],
    ['an object’s name', 'constructor AAAA', 'does not begin with a kind of key'],
  ])('takes no notice of %s, and says so without repeating it', (_title, line, why) => {
    const { keys, ignored } = readKeyFile(`${ED25519}\n${line}\n`);
    expect(keys).toHaveLength(1);
    expect(ignored).toEqual([expect.stringContaining(why)]);
    expect(ignored[0]).toContain('line 2 ');
    expect(ignored[0]).not.toContain('AAAA');
  });

  it('gives a hundred keys at most', () => {
    const lines = Array.from(
      { length: 120 },
      (_, index) => `ssh-ed25519 ${blobOf(ascii('ssh-ed25519'), [index, ...some(31)])}`,
    );
    const { keys, ignored } = readKeyFile(lines.join('\n'));
    expect(keys).toHaveLength(100);
    expect(ignored).toHaveLength(20);
  });

  it('never makes sshd read an option or a second line, whatever was in it', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ED25519,
        RSA_3072,
        cert,
        'command="x" ',
        '\n',
        '\r',
        ' ',
        '\u2028',
        '\0',
        '#',
        'permitopen="*:*"',
      ),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const lines = renderClientKeys(readKeyFile(pieces.join('')).keys)
          .split('\n')
          .slice(1, -1);
        for (const line of lines)
          expect(line).toMatch(/^restrict,port-forwarding (?:ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/]+=*$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

it('clients’ keys may forward ports and nothing else, administrators’ are not restricted', () => {
  const { keys } = readKeyFile(ED25519);
  expect(renderClientKeys(keys).split('\n')[1]).toBe(`restrict,port-forwarding ${ED25519}`);
  expect(renderAdminKeys(keys).split('\n')[1]).toBe(ED25519);
});

it('the known_hosts line is for every host, since the address changes with the instance', () => {
  expect(knownHostsLineOf(`${ED25519} root@ip-10-0-0-1\n`)).toBe(`* ${ED25519}\n`);
  expect(knownHostsLineOf('')).toBeNull();
  expect(knownHostsLineOf(`${ED25519}\n${P256}\n`)).toBeNull();
});
