import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../agent/cli/cli-error.ts';
import type { CliContext } from '../../agent/cli/context.ts';
import { createProgram } from '../../agent/cli/program.ts';
import { ERRORS } from '../../agent/core/errors.ts';
import { ACTION_EVENTS, EVENTS } from '../../agent/core/events.ts';
import { CODES } from '../../agent/core/gate/codes.ts';
import { METRICS_TABLE } from '../../agent/core/metrics.ts';
import { SETTINGS_TABLE, type SettingRow } from '../../agent/core/settings-table.ts';
import { CODES_HEADER, CODES_ROWS } from '../support/codes-table.ts';
import { PROFILES_HEADER, PROFILES_ROWS } from '../support/profiles-table.ts';
import { AGENT_SOURCES, readTable } from '../support/readme.ts';

const DOCUMENTS = ['README.md', 'agent/README.md', 'packer/README.md', 'test/README.md'];
const PACKAGE = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

const code = (text: string) => `\`${text}\``;

function describeDefault({ default: value }: SettingRow): string {
  if (value === null) return '';
  return code(typeof value === 'string' ? value : JSON.stringify(value));
}

describe('README', () => {
  it('has the settings of the table, with variable, default and text', () => {
    expect(readTable('| key | environment | default | |')).toEqual(
      SETTINGS_TABLE.map((row) => [code(row.key), code(row.env), describeDefault(row), row.doc]),
    );
  });

  it('has the error codes with disposition, exit code and hint', () => {
    expect(readTable('| code | disposition | exit code | what to do |')).toEqual(
      Object.entries(ERRORS).map(([name, { disposition, exitCode, hint }]) => [
        code(name),
        disposition,
        String(exitCode),
        hint,
      ]),
    );
  });

  it('has the events of the log with level and meaning, and the code logs no other', () => {
    const actions = Object.values(ACTION_EVENTS).map(({ event, ...entry }) => [event, entry] as const);
    const built = [...Object.entries(EVENTS), ...actions].sort(([one], [other]) => (one < other ? -1 : 1));
    expect(readTable('| event | level | means |', 'agent/README.md')).toEqual(
      built.map(([name, { level, meaning }]) => [code(name), level, meaning]),
    );
    const logged = AGENT_SOURCES.flatMap((text) => [...text.matchAll(/\bevent: '([a-z.-]+)'/g)]);
    expect([...new Set(logged.map(([, name]) => name))].sort()).toEqual(built.map(([name]) => name));
  });

  it('has the metrics with type, labels and meaning', () => {
    expect(readTable('| metric | type | labels | means |')).toEqual(
      METRICS_TABLE.map(({ name, type, labels, help }) => [
        code(name),
        type,
        labels.map(code).join(', '),
        help,
      ]),
    );
  });

  it('has the exit codes', () => {
    expect(readTable('| exit code | means |')).toEqual(Object.entries(EXIT_CODES));
  });

  it('has the commands of gatewayctl, each with its options', () => {
    const context = { version: '0', stdout: process.stdout, stderr: process.stderr } as unknown as CliContext;
    const program = createProgram(context, (exitCode) => expect(exitCode).toBe(0));
    const documented = readTable('| command | does |').map(([synopsis = '']) => {
      const [, name = ''] = /gatewayctl ([a-z]+(?:[ -][a-z]+)*)/.exec(synopsis) ?? [];
      return { name, options: [...synopsis.matchAll(/--[a-z-]+/g)].map(([option]) => option).sort() };
    });
    // Said once for all commands that work on a system.
    const isCommon = (long: string) => ['--profile', '--region'].includes(long);
    const list = (parent: Command, before: string): { name: string; options: string[] }[] =>
      parent.commands.flatMap((command) => {
        const name = `${before}${command.name()}`;
        if (command.commands.length > 0) return list(command, `${name} `);
        const options = command.options.map(({ long }) => long ?? '').filter((long) => !isCommon(long));
        return [{ name, options: options.sort() }];
      });
    const built = list(program, '');
    expect(documented).toEqual(built);
  });

  it('has the packages that package.json names, and no other', () => {
    const rows = readTable('| package | why |');
    expect(rows.filter(([, why = '']) => why.replace('(development)', '').length < 5)).toEqual([]);
    const isDevelopment = (why = '') => why.endsWith('(development)');
    const named = (isWanted: boolean) =>
      rows.filter(([, why]) => isDevelopment(why) === isWanted).map(([name]) => name);
    expect(named(false)).toEqual(Object.keys(PACKAGE.dependencies).map(code));
    expect(named(true)).toEqual(Object.keys(PACKAGE.devDependencies).map(code));
  });

  it('has the targets of the Makefile with their help', () => {
    const targets = [...readFileSync('Makefile', 'utf8').matchAll(/^([a-z0-9-]+):.*?## (.*)$/gm)];
    expect(readTable('| target | does |')).toEqual(
      targets.map(([, name = '', help]) => [code(`make ${name}`), help]),
    );
  });

  it('has the page of codes, as the table of the gate has it', () => {
    expect(readTable(CODES_HEADER)).toEqual(CODES_ROWS);
  });

  it('has the table of engines, as the profiles have it', () => {
    expect(readTable(PROFILES_HEADER, 'agent/README.md')).toEqual(PROFILES_ROWS);
  });

  it('has every code that a finding can have, and no other', () => {
    const errors = new Set(Object.keys(ERRORS));
    const codes = AGENT_SOURCES.flatMap((text) => [
      ...text.matchAll(/(?<![A-Za-z.])'((?:EDN|PROPERTIES|CATALOG|METASCHEMA|SCHEMA|SOURCE)_[A-Z0-9_]+)'/g),
    ]);
    const built = new Set(codes.map(([, name = '']) => name).filter((name) => !errors.has(name)));
    expect([...built].sort()).toEqual(Object.keys(CODES).sort());
  });

  it('names only paths of this project that are there', () => {
    const text = DOCUMENTS.map((file) => readFileSync(file, 'utf8')).join('\n');
    const paths = [...text.matchAll(/`((?:agent|test|packer|systemd)\/[\w./-]*)`/g)].map(
      ([, name = '']) => name,
    );
    const missing = paths.filter((name) => {
      const parent = path.dirname(name.replace(/\/$/, ''));
      return !readdirSync(parent).includes(path.basename(name));
    });
    expect(missing).toEqual([]);
    expect(paths.length).toBeGreaterThan(5);
  });
});
