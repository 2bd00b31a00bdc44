import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accessFileNames,
  readKnownHosts,
  readPrivateKey,
} from '../../../../agent/core/tunnel/access-text.ts';

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n-----END OPENSSH PRIVATE KEY-----';
const LINE = '* ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG';

describe('the access key', () => {
  it.each([
    ['as it is', `${KEY}\n`],
    ['without its last line end, which ssh wants', KEY],
    ['with line ends of Windows', `${KEY.replaceAll('\n', '\r\n')}\r\n`],
  ])('%s', (_title, text) => expect(readPrivateKey(text)).toBe(`${KEY}\n`));

  it.each([
    ['nothing', ''],
    ['a page of an error', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
    ['a public key', LINE],
    ['half a key', KEY.slice(0, 40)],
    [
      'something endless',
      `-----BEGIN RSA PRIVATE KEY-----\n${'x'.repeat(70_000)}\n-----END RSA PRIVATE KEY-----`,
    ],
  ])('is none: %s', (_title, text) => expect(readPrivateKey(text)).toBeNull());
});

describe('the known_hosts line', () => {
  it.each([
    ['one', LINE, `${LINE}\n`],
    ['with a comment behind', `${LINE} root@gateway\n`, `${LINE} root@gateway\n`],
    ['some, and a comment', `# put by the gateway\n${LINE}\n\n${LINE}=\r\n`, `${LINE}\n${LINE}=\n`],
    ['of an authority', `@cert-authority ${LINE}\n`, `@cert-authority ${LINE}\n`],
  ])('%s', (_title, text, expected) => expect(readKnownHosts(text)).toBe(expected));

  it.each([
    ['nothing', '\n'],
    ['a private key', KEY],
    ['a page of an error', '<Error>\n<Code>AccessDenied</Code></Error>'],
  ])('is none: %s', (_title, text) => expect(readKnownHosts(text)).toBeNull());
});

it('whatever lies in the bucket, what is written ends with one line end and holds no carriage return', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const read of [readPrivateKey, readKnownHosts]) {
        const written = read(text);
        if (written !== null) expect(written).toMatch(/^[^\r]*[^\r\n]\n$/s);
      }
    }),
  );
});

it('files have the names that the original CLI gives them', () => {
  expect(accessFileNames('acme', null)).toEqual({
    keyFile: 'datomic-default-acme-bastion',
    hostKeyFile: 'datomic-default-acme-bastion.hostkey',
  });
  expect(accessFileNames('acme', 'eu-west-1').keyFile).toBe('datomic-eu-west-1-acme-bastion');
});
