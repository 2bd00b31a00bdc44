#!/usr/bin/env node
// Writes those parts of packer/stack/gateway.yaml anew that follow from other files: the instance types. They lie
// between `# generated: NAME` and `# end`. --check changes nothing and fails where a part is not as it would be.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModule } from '../bench/load-module.mjs';

const FILE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../packer/stack/gateway.yaml');

const { INSTANCE_TYPES } = await loadModule('agent/core/instance-types.ts');

const ARM = INSTANCE_TYPES.filter(({ architecture }) => architecture === 'arm64');

const PARTS = {
  'instance types': INSTANCE_TYPES.map(({ name }) => `- ${name}`),
  'arm64 types': [`- [${ARM.map(({ name }) => name).join(', ')}]`],
  architectures: INSTANCE_TYPES.map(({ name, architecture }) => `${name}: {Architecture: ${architecture}}`),
};

const before = await readFile(FILE, 'utf8');
const seen = new Set();
const after = before.replace(
  /^( *)# generated: (.*)\n(?:(?! *# end\n).*\n)*( *# end\n)/gm,
  (_all, indent, name, end) => {
    const lines = PARTS[name];
    if (lines === undefined) throw new Error(`${FILE} asks for a part that is unknown: ${name}`);
    seen.add(name);
    return `${indent}# generated: ${name}\n${lines.map((line) => `${indent}${line}\n`).join('')}${end}`;
  },
);
const missing = Object.keys(PARTS).filter((name) => !seen.has(name));
if (missing.length > 0) throw new Error(`${FILE} has no place for ${missing.join(', ')}`);

if (!process.argv.includes('--check')) await writeFile(FILE, after);
else if (after !== before) {
  console.error(`${path.relative('.', FILE)} is not up to date: run node test/tools/stack-template.mjs`);
  process.exitCode = 1;
}
