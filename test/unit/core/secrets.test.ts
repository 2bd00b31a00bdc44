import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact, secretsOf } from '../../../agent/core/secrets.ts';
import { sourceFile } from '../../support/releases.ts';

const catalog = (text: string) => [sourceFile('catalog/a.properties', text)];

describe('what counts as a secret of a catalog', () => {
  test.each<[string, string, readonly string[]]>([
    ['nothing in a plain catalog', 'connector.name=datomic\ndatomic.databases=[orders]\n', []],
    ['a password', 'connection-password=hunter22\n', ['hunter22']],
    ['a password with blanks around it', 'connection-password =  hunter22 \n', ['hunter22']],
    ['a key store password', 'http.keystore.password: p4ssw0rd\n', ['p4ssw0rd']],
    ['an S3 secret key', 'hive.s3.aws-secret-key=abcd1234\n', ['abcd1234']],
    ['an access key', 'hive.s3.aws-access-key=AKIAX\n', ['AKIAX']],
    ['an escaped value, as Java reads it', 'x.password=pa\\\\ss\\u0077ord\n', ['pa\\ssword']],
    ['an empty password is none', 'x.password=\n', []],
    ['a password in a URL', 'connection-url=jdbc:postgresql://bob:geheim@db/x\n', ['geheim']],
    ['a parameter of a URL', 'connection-url=jdbc:x://db/x?user=bob&password=geheim&ssl=1\n', ['geheim']],
    [
      'keys of a peer server',
      'datomic.client.config={:server-type :peer-server :access-key "mykey1" :secret "mysecret" :endpoint "h:1"}\n',
      ['mykey1', 'mysecret'],
    ],
    [
      'a secret deep inside a client map',
      'datomic.client.config={:creds-provider {:secret {:value "deep-one"}} :system "acme"}\n',
      ['deep-one'],
    ],
    [
      'a client map that is none',
      'datomic.client.config={:access-key "mykey1" :secret "mysecret" :endpoint\n',
      ['mykey1', 'mysecret'],
    ],
    ['a commented secret is not read by anyone', '# x.password=hunter22\n', []],
  ])('%s', (_, text, expected) => {
    expect(secretsOf(catalog(text))).toEqual(expected);
  });

  test('metaschemas hold none', () => {
    expect(secretsOf([sourceFile('datomic/a.edn', '{:secret "x1234"}')])).toEqual([]);
  });
});

describe('how a line looks without them', () => {
  test.each<[string, string, readonly string[], string]>([
    ['the secret itself', 'login bob/hunter22 failed', ['hunter22'], 'login bob/[redacted] failed'],
    ['each time', 'a1b2c3 and a1b2c3', ['a1b2c3'], '[redacted] and [redacted]'],
    ['the longer of two first', 'key: secret-long', ['secret', 'secret-long'], 'key: [redacted]'],
    ['as a string quotes it', 'x "pa\\\\ss\\"word"', ['pa\\ss"word'], 'x "[redacted]"'],
    ['as a URL shows it', 'GET /?p=a%2Fb%20c', ['a/b c'], 'GET /?p=[redacted]'],
    ['a short one only where it stands alone', 'abc cabbage abc.', ['abc'], '[redacted] cabbage [redacted].'],
    ['a short one of odd characters', 'x=$^ y', ['$^'], 'x=[redacted] y'],
    ['none', 'nothing here', [], 'nothing here'],
  ])('%s', (_, text, secrets, expected) => {
    expect(redact(text, secrets)).toBe(expected);
  });

  test('no secret of four characters or more is left, whatever surrounds it', () => {
    // A secret that is part of the replacement itself says nothing about redaction.
    const secret = fc.string({ minLength: 4, maxLength: 12 }).filter((text) => !'[redacted]'.includes(text));
    fc.assert(
      fc.property(fc.string(), secret, fc.string(), (before, hidden, after) => {
        const line = redact(`${before}${hidden}${after}`, [hidden]);
        expect(line.replaceAll('[redacted]', '\0')).not.toContain(hidden);
      }),
    );
  });
});
