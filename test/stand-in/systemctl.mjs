#!/usr/bin/env node
// The stand-in systemctl and journalctl: no systemd, but the answers of one, from files in STAND_IN_SYSTEMD. Each call
// is appended to `calls`; `show` prints `show.txt`; `refuse.txt`, where there is one, is said instead, with status 1.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const dir = process.env.STAND_IN_SYSTEMD;
const name = path.basename(process.argv[1]);
const args = process.argv.slice(2);
appendFileSync(path.join(dir, 'calls'), `${JSON.stringify([name, ...args])}\n`);

const refusal = path.join(dir, 'refuse.txt');
if (existsSync(refusal)) {
  process.stderr.write(readFileSync(refusal));
  process.exit(1);
}
if (name === 'journalctl') process.stdout.write(readFileSync(path.join(dir, 'journal.txt')));
else if (args[0] === 'show') process.stdout.write(readFileSync(path.join(dir, 'show.txt')));
