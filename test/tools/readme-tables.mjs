#!/usr/bin/env node
// Writes those tables of README.md and agent/README.md anew that follow from the code alone: settings, errors, events,
// findings, engines, Make targets. All others have words of their own; test/unit/readme.test.ts says what they lack.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const at = (name) => path.join(ROOT, name);

/** A module of the agent as it is now. */
async function load(name) {
  const { outputFiles } = await build({
    entryPoints: [at(name)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  });
  return await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
}

const code = (text) => `\`${text}\``;
const toRow = (cells) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |');

function showDefault(value) {
  if (value === null) return '';
  return code(typeof value === 'string' ? value : JSON.stringify(value));
}

function replaceTable(text, header, rows) {
  const lines = text.split('\n');
  const start = lines.indexOf(header) + 2;
  if (start === 1) throw new Error(`there is no table ${header}`);
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  lines.splice(start, length === -1 ? 0 : length, ...rows);
  return lines.join('\n');
}

const { SETTINGS_TABLE } = await load('agent/core/settings-table.ts');
const { ERRORS } = await load('agent/core/errors.ts');
const { ACTION_EVENTS, EVENTS } = await load('agent/core/events.ts');
const { CODES_HEADER, CODES_ROWS } = await load('test/support/codes-table.ts');
const { PROFILES_HEADER, PROFILES_ROWS } = await load('test/support/profiles-table.ts');
const EVENTS_HEADER = '| event | level | means |';
const makefile = await readFile(at('Makefile'), 'utf8');

const tables = {
  '| key | environment | default | |': SETTINGS_TABLE.map((row) =>
    toRow([code(row.key), code(row.env), showDefault(row.default), row.doc]),
  ),
  '| code | disposition | exit code | what to do |': Object.entries(ERRORS).map(
    ([name, { disposition, exitCode, hint }]) => toRow([code(name), disposition, exitCode, hint]),
  ),
  [EVENTS_HEADER]: [
    ...Object.entries(EVENTS),
    ...Object.values(ACTION_EVENTS).map((entry) => [entry.event, entry]),
  ]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, { level, meaning }]) => toRow([code(name), level, meaning])),
  [CODES_HEADER]: CODES_ROWS.map(toRow),
  [PROFILES_HEADER]: PROFILES_ROWS.map(toRow),
  '| target | does |': [...makefile.matchAll(/^([a-z0-9-]+):.*?## (.*)$/gm)].map(([, name, help]) =>
    toRow([code(`make ${name}`), help]),
  ),
};

const ELSEWHERE = { [PROFILES_HEADER]: 'agent/README.md', [EVENTS_HEADER]: 'agent/README.md' };
for (const [header, rows] of Object.entries(tables)) {
  const file = at(ELSEWHERE[header] ?? 'README.md');
  await writeFile(file, replaceTable(await readFile(file, 'utf8'), header, rows));
}
