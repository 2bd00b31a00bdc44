import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CODES } from '../../../../agent/core/gate/codes.ts';
import { measureGate } from '../../../../agent/core/gate/gate.ts';
import type { Issue } from '../../../../agent/core/issue.ts';
import { readProperties } from '../../../../agent/core/properties/read.ts';

// TORTURE=1000000 runs a million; TORTURE_SEED repeats a run.
const RUNS = Number(process.env.TORTURE ?? 50_000);
const SEED = Number(process.env.TORTURE_SEED ?? Date.now() % 2 ** 31);
/** Work per byte that nothing may exceed; besides, what any file costs. */
const MAX_STEPS_PER_BYTE = 30;
const FREE_STEPS = 2_000;
const SECRET = 'hunter2';

/** All inputs of the cases, small enough to be mutated many times. */
const DOCUMENTS = ['test/cases/gate', 'test/cases/mbrainz']
  .flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => path.join(root, name)),
  )
  .filter((file) => /\.(?:edn|properties)$/.test(file))
  .sort()
  .map((file) => ({ kind: path.extname(file), bytes: readFileSync(file) }))
  .filter(({ bytes }) => bytes.length < 3_000);

const FRAGMENTS = [
  ...'(){}[]"\\;:#^/_=! \n\r\t,0é'.split(''),
  ...[
    '#_',
    '#:a{',
    '::',
    ':a/b',
    ':tables',
    ':joins {',
    '{:a/b {}}',
    ':include [',
    ':name "x"',
    ':scale {:a/b 3}',
  ],
  ...['\\\n', '\\u', '\r\n', '\ufeff', '\0', '\u202e', '#inst "2020"', 'nil', '1/2', '1e5M', ':a/*', '##Inf'],
  ...[
    'connector.name',
    'datomic.databases=[',
    'datomic.client.config={',
    `:secret "${SECRET}x"`,
    ':endpoint',
  ],
].map((text) => Buffer.from(text));

const mutation = fc.record({
  /** In thousandths of the document. */
  at: fc.nat(999),
  cut: fc.constantFrom(0, 0, 1, 1, 2, 5, 20, 200),
  put: fc.oneof(
    fc.constantFrom(...FRAGMENTS),
    fc.uint8Array({ maxLength: 4 }),
    /** A piece of the document itself, from there on. */
    fc.record({ from: fc.nat(999), length: fc.constantFrom(1, 10, 100) }),
  ),
});

const mutated = fc
  .record({
    document: fc.constantFrom(...DOCUMENTS),
    mutations: fc.array(mutation, { minLength: 1, maxLength: 6 }),
  })
  .map(({ document: { kind, bytes }, mutations }) => {
    let text: Uint8Array = bytes;
    for (const { at, cut, put } of mutations) {
      const start = Math.floor((text.length * at) / 1_000);
      const from = 'from' in put ? Math.floor((text.length * put.from) / 1_000) : 0;
      const piece = 'from' in put ? text.subarray(from, from + put.length) : put;
      text = Buffer.concat([text.subarray(0, start), piece, text.subarray(start + cut)]);
    }
    return { path: kind === '.edn' ? 'datomic/x.edn' : 'catalog/x.properties', bytes: text };
  });

function findFlaw(issue: Issue, lines: readonly string[]): string | null {
  const { code, line, column, message, hint } = issue;
  if (!(code in CODES)) return `${code} is in no table`;
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(message + hint))
    return `${code} shows what nobody sees: ${message} ${hint}`;
  if (message.length + hint.length > 600) return `${code} is long: ${message} ${hint}`;
  if (line === 0) return column === 0 ? null : `${code} at 0:${column}`;
  const text = lines[line - 1];
  const isInside = text !== undefined && column >= 1 && column <= text.length + 1;
  return isInside ? null : `${code} at ${line}:${column}, which is not in the file`;
}

/** Shows what was a secret, unless the mutation made a name of it: a key, a connector, a database. */
function isLeak({ message, hint, line }: Issue, lines: readonly string[], bytes: Uint8Array): boolean {
  const shown = message + hint;
  if (!shown.includes(SECRET)) return false;
  const text = lines[line - 1] ?? '';
  const isName =
    /^\s*(?:connector\.name|datomic\.databases)/.test(text) && !/[{}]|[^.\s]\s*:[a-z]/.test(text);
  const keys = readProperties(bytes).entries.filter(({ separator }) => separator !== null);
  const isKey = keys.some(({ key }) => key.includes(SECRET) && shown.includes(key));
  return !isKey && !isName;
}

it(`reads and judges ${RUNS} mutated documents: no crash, linear work, places in the file, no secret`, {
  timeout: 3_600_000,
}, async () => {
  let worst = 0;
  let count = 0;
  let valid = 0;
  const startedAt = performance.now();
  const property = fc.property(mutated, (file) => {
    const { issues, steps } = measureGate([file], { connectors: ['datomic', 'tpch'] });
    const isCatalog = file.path.startsWith('catalog/');
    const text = new TextDecoder(isCatalog ? 'latin1' : 'utf-8', { ignoreBOM: true }).decode(file.bytes);
    const lines = text.split(isCatalog ? /\r\n|\r|\n/ : '\n');
    const flaws = issues.flatMap((issue) => findFlaw(issue, lines) ?? []);
    if (flaws.length > 0) throw new Error(flaws.join('\n'));
    if (isCatalog && issues.some((issue) => isLeak(issue, lines, file.bytes))) {
      throw new Error(`a secret is shown: ${JSON.stringify(issues)}`);
    }
    if (steps > MAX_STEPS_PER_BYTE * file.bytes.length + FREE_STEPS) {
      throw new Error(`${steps} steps for ${file.bytes.length} bytes`);
    }
    worst = Math.max(worst, steps / (file.bytes.length + 1));
    count++;
    if (issues.length === 0) valid++;
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: false });
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  process.stdout.write(
    `${count} mutated documents, seed ${SEED}, ${seconds} s: ${valid} valid, at most ${worst.toFixed(1)} steps a byte\n`,
  );
  expect(count).toBeGreaterThanOrEqual(RUNS);
});
