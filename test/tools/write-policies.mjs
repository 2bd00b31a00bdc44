#!/usr/bin/env node
// Writes packer/policies/*.json from the table in agent/core/policies.ts. A test tells when they differ.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadModule } from '../bench/load-module.mjs';

const { POLICIES, policyDocument } = await loadModule('agent/core/policies.ts');
mkdirSync('packer/policies', { recursive: true });
for (const name of Object.keys(POLICIES)) {
  writeFileSync(`packer/policies/${name}.json`, `${JSON.stringify(policyDocument(name), null, 2)}\n`);
}
execFileSync('node_modules/.bin/biome', ['format', '--write', 'packer/policies'], { stdio: 'inherit' });
