import type { EdnNode } from './edn/node.ts';
import { readEdn } from './edn/read.ts';
import { managedKindOf } from './managed-path.ts';
import { readEntries } from './properties/entries.ts';
import type { SourceFile } from './types.ts';

/** Names of properties and of keys in client maps whose values nobody should read in a log. */
const SECRET_NAME = /pass(word|wd|phrase)?$|secret|token|credential|(private|access|api|account)[._-]?key/i;
/** `user:password@` in a URL, and `password=…` among its parameters. */
const URL_SECRETS = [/\/\/[^/\s:@]*:([^/\s@]+)@/g, /(?:password|secret|token)=([^&;\s"]+)/gi];
/** Strings after a secret's keyword, where a client map cannot be read as EDN. */
const KEYWORD_SECRETS = /:(?:access-key|secret|password)\s+"((?:[^"\\]|\\.)*)"/g;
/** Shorter secrets are words: replaced only where they stand alone. */
const SHORT = 4;
const REPLACEMENT = '[redacted]';

/**
 * The secrets that catalogs hold: values of properties that are named like one, `:access-key`, `:secret` and the
 * like in client maps, and passwords in URLs. Other files than catalogs hold none.
 */
export function secretsOf(files: readonly SourceFile[]): readonly string[] {
  const found = files
    .filter((file) => managedKindOf(file.path) === 'catalog')
    .flatMap((file) => [...readEntries(file.bytes)])
    .flatMap(([name, value]) => [
      ...(SECRET_NAME.test(name) ? [value] : []),
      ...(value.trimStart().startsWith('{') ? secretsOfMap(value) : []),
      ...URL_SECRETS.flatMap((pattern) => captures(value, pattern)),
    ]);
  return [...new Set(found.map((secret) => secret.trim()))].filter((secret) => secret !== '');
}

/** The text without the secrets, in whatever notation a log may quote them. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap(spellingsOf)
    .toSorted((a, b) => b.length - a.length)
    .reduce((redacted, secret) => replaceAll(redacted, secret), text);
}

function replaceAll(text: string, secret: string): string {
  if (secret.length >= SHORT) return text.replaceAll(secret, REPLACEMENT);
  const escaped = secret.replace(
    /[^A-Za-z0-9]/g,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return text.replace(new RegExp(`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`, 'gu'), REPLACEMENT);
}

/** As it is, as a JSON, Java or EDN string shows it, and as a URL does. */
function spellingsOf(secret: string): readonly string[] {
  return [
    ...new Set([
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret.replace(/\p{Cs}/gu, '\ufffd')),
    ]),
  ];
}

function secretsOfMap(text: string): readonly string[] {
  const { form, faults } = readEdn(text, { unknownTags: 'keep', isSecret: true });
  if (form === null || faults.length > 0) return captures(text, KEYWORD_SECRETS);
  return collect(form, false);
}

/** Strings below a key that is named like a secret. */
function collect(node: EdnNode, isSecret: boolean): readonly string[] {
  switch (node.kind) {
    case 'string':
      return isSecret ? [node.value] : URL_SECRETS.flatMap((pattern) => captures(node.value, pattern));
    case 'map':
      return node.entries.flatMap(({ key, value }) =>
        collect(value, isSecret || SECRET_NAME.test(nameOf(key))),
      );
    case 'vector':
    case 'list':
    case 'set':
      return node.items.flatMap((item) => collect(item, isSecret));
    case 'tagged':
      return collect(node.value, isSecret);
    default:
      return [];
  }
}

function nameOf(key: EdnNode): string {
  if (key.kind === 'keyword' || key.kind === 'symbol') return key.name;
  return key.kind === 'string' ? key.value : '';
}

function captures(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].flatMap((match) => match[1] ?? []);
}
