#!/usr/bin/env node
// Says in one sentence what is wrong before npm says it in fifty.

import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const wanted = engines.node.replace('>=', '').split('.').map(Number);
const found = process.versions.node.split('.').map(Number);
const isOlder = found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < (wanted[1] ?? 0));
if (isOlder) {
  process.stderr.write(
    `Node ${process.versions.node} is too old: ${engines.node} is needed. See https://nodejs.org\n`,
  );
  process.exit(69);
}
