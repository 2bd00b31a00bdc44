import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CliContext } from '../../agent/cli/context.ts';
import { createProgram } from '../../agent/cli/program.ts';
import { CONDITION_TYPES } from '../../agent/core/condition-types.ts';
import { ERRORS } from '../../agent/core/errors.ts';
import { ACTION_EVENTS, EVENTS } from '../../agent/core/events.ts';
import { SETTINGS_TABLE } from '../../agent/core/settings-table.ts';
import {
  codeOf,
  type Document,
  findBrokenCommands,
  findBrokenLinks,
  settingsIn,
  targetsIn,
} from '../support/documents.ts';
import { AGENT_SOURCES, readTable } from '../support/readme.ts';

const read = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8') : null);
const DOCUMENTS = ['README.md', 'agent/README.md', 'packer/README.md', 'test/README.md'].map(
  (path): Document => ({ path, text: readFileSync(path, 'utf8') }),
);
const README = DOCUMENTS[0] as Document;
const ACTIONS = Object.values(ACTION_EVENTS).map(({ event }) => event as string);
const KEYS = SETTINGS_TABLE.map(({ key }) => key);
const TARGETS = [...readFileSync('Makefile', 'utf8').matchAll(/^([a-z0-9-]+):/gm)].map(([, name]) => name);

const context = { version: '0', stdout: process.stdout, stderr: process.stderr } as unknown as CliContext;
const program = createProgram(context, (exitCode) => expect(exitCode).toBe(0));

describe.each(DOCUMENTS)('$path', (document) => {
  it('has no link that leads nowhere, or to a test of another title', () => {
    expect(findBrokenLinks(document, read)).toEqual([]);
  });

  it('shows no command of gatewayctl that it would not take', () => {
    expect(findBrokenCommands(document, program)).toEqual([]);
  });

  it('names only targets that Make has', () => {
    expect(targetsIn(document).filter((name) => !TARGETS.includes(name))).toEqual([]);
  });

  it('names only settings that there are', () => {
    const groups = [...new Set(KEYS.map((key) => key.split('.')[0] ?? ''))];
    const isOther = (name: string) => name in EVENTS || ACTIONS.includes(name) || name.endsWith('.hcl');
    const isSetting = (name: string) => KEYS.some((key) => `${key}.`.startsWith(`${name}.`));
    const named = settingsIn(document, groups);
    expect(named.filter((name) => !isSetting(name) && !isOther(name))).toEqual([]);
    const variables = codeOf(document).flatMap((code) => code.match(/\bGATEWAY_[A-Z_]+\b/g) ?? []);
    expect(
      variables.filter(
        (name) => !AGENT_SOURCES.some((text) => text.includes(`'${name}'`) || text.includes(`env.${name}`)),
      ),
    ).toEqual([]);
  });
});

const names = (cell = '') => [...cell.matchAll(/`([A-Za-z]+)`/g)].map(([, name = '']) => name);

it.each(['pre-commit-config.yaml', 'check-configuration.yml'])(
  'packer/examples/%s runs what gatewayctl takes',
  (name) => {
    const text = `\`\`\`\n${readFileSync(`packer/examples/${name}`, 'utf8')}\n\`\`\``;
    expect(text).toContain(' validate config');
    expect(findBrokenCommands({ path: name, text }, program)).toEqual([]);
    expect(
      findBrokenCommands({ path: name, text: text.replaceAll('--schema', '--shcema') }, program),
    ).not.toEqual([]);
  },
);

describe('the promises and the threat model', () => {
  it('are each shown by tests', () => {
    const section = (heading: string) => README.text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
    const promises = section('Promises')
      .split(/^\d\. /m)
      .slice(1);
    expect(promises).toHaveLength(6);
    for (const promise of promises) expect(promise).toMatch(/\]\(test\/.*\.test\.ts\)/);
    const denied = section('Threat model').match(/^- .*$/gm) ?? [];
    expect(denied.length).toBeGreaterThan(15);
    for (const claim of denied) expect(claim).toMatch(/\]\(test\/.*\.test\.ts\)/);
  });
});

describe('the table of conditions', () => {
  const rows = readTable('| condition | reasons | means | do |');

  it('has every type of condition, and no other', () => {
    expect(
      rows.flatMap(([types]) => names(types).filter((name, at, all) => all.indexOf(name) === at)),
    ).toEqual(expect.arrayContaining([...CONDITION_TYPES]));
    expect(
      rows.flatMap(([types]) => names(types)).filter((name) => !CONDITION_TYPES.includes(name as never)),
    ).toEqual([]);
  });

  it('has no reason that the agent never gives', () => {
    const camel = (code: string) =>
      code.toLowerCase().replaceAll(/(?:^|[_-])([a-z])/g, (_, first) => first.toUpperCase());
    const kinds = ['kernel-oom', 'jvm-oom', 'crash', 'killed', 'clean'];
    const made = [...Object.keys(ERRORS), ...kinds].map(camel);
    const isKnown = (reason: string) =>
      made.includes(reason) || AGENT_SOURCES.some((text) => text.includes(`'${reason}'`));
    const reasons = rows.flatMap(([, cell]) => names(cell));
    expect(reasons.length).toBeGreaterThan(30);
    expect(reasons.filter((reason) => !isKnown(reason))).toEqual([]);
  });
});

it('what the operations guide says one sees is what the programs say', () => {
  const header = '| you see | it means | do |';
  const rows = README.text.split(`${header}\n`).slice(1);
  expect(rows.length).toBeGreaterThan(2);
  const seen = rows.flatMap((text) =>
    (text.split('\n\n')[0] ?? '')
      .split('\n')
      .flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)]),
  );
  // Words of people alone; commands, files and answers have tests of their own.
  const sentences = seen
    .map(([, code = '']) => code)
    .filter((code) => code.includes(' ') && !/^gatewayctl|^sync/.test(code));
  expect(sentences.length).toBeGreaterThan(8);
  const parts = sentences.flatMap((sentence) => sentence.split('…').map((part) => part.trim()));
  expect(parts.filter((part) => !AGENT_SOURCES.some((text) => text.includes(part)))).toEqual([]);
});

it('agent/README.md has every reason for which a start cannot work', () => {
  const sources = ['preflight', 'start-failure'].map((name) =>
    readFileSync(`agent/core/engine/${name}.ts`, 'utf8'),
  );
  const given = sources.flatMap((text) => [...text.matchAll(/'([A-Z][a-z]+[A-Z][A-Za-z]+|DiskFull)'/g)]);
  const documented = readTable('| reason | says |', 'agent/README.md').flatMap(([cell]) => names(cell));
  expect(documented.sort()).toEqual([...new Set(given.map(([, reason]) => reason))].sort());
});

describe('a document that says what is not so is found out', () => {
  const documentOf = (text: string): Document => ({ path: 'docs/A.md', text });
  const readSome = (path: string) =>
    path === 'test/a.test.ts'
      ? "it('is so', () => {\n// and this is no title\n"
      : path === 'docs/B.md'
        ? '# One, two\n'
        : null;

  it.each([
    ['[is so](../test/a.test.ts) [b](B.md#one-two) [w](https://example.com/)', []],
    ['[is not so](../test/a.test.ts)', ['test/a.test.ts has no test "is not so"']],
    ['[and this is no title](../test/a.test.ts)', ['test/a.test.ts has no test "and this is no title"']],
    ['[is so](../test/b.test.ts)', ['../test/b.test.ts is not there']],
    ['[b](B.md#three)', ['B.md#three has no such heading']],
    ['# Here\n[b](#there)', ['#there has no such heading']],
  ])('%s', (text, faults) => {
    expect(findBrokenLinks(documentOf(text), readSome)).toEqual(faults);
  });

  it.each([
    ['`gatewayctl status --json`', 0],
    ['`sudo gatewayctl gateway keys acme --rotate`', 0],
    ['`gatewayctl statsu`', 1],
    ['`gatewayctl status --jsno`', 1],
    ['```\n$ gatewayctl gateway keys acme --wait\n```', 1],
  ])('%s', (text, count) => {
    expect(findBrokenCommands(documentOf(text), program)).toHaveLength(count);
  });

  it('by its targets and settings, too', () => {
    expect(targetsIn(documentOf('`make nothing`'))).toEqual(['nothing']);
    expect(
      settingsIn(documentOf('`restart.sooner` and `source.uri=s3://b`, not `agent.json`'), [
        'restart',
        'source',
      ]),
    ).toEqual(['restart.sooner', 'source.uri']);
  });
});
