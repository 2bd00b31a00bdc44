#!/usr/bin/env node
// Asks the registry for known vulnerabilities of all npm packages that this project pins, by `npm audit`.
//
// Not every registry can be asked (a mirror answers 405, a laptop is offline). Then nothing was audited: that is said
// in one line, which is no pass, and fails no build; --strict makes it exit 75. --summary FILE gets the same line, for
// who sums up. Exceptions: test/tools/audit-exceptions.json, a list of {"advisory": "GHSA-…", "until": "2027-01-31",
// "why": "…"}. Python packages of the tests are not asked about: no well-kept tool does it without a service of its own.
//
//   node test/tools/audit.mjs [--strict] [--summary FILE]     exit 0 nothing found or nothing asked, 65 findings, 75 with --strict

import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findVulnerabilities, judge, LEVELS, readAnswer } from './audit-report.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const PROJECTS = ['.', 'packer/node'];
/** A registry that hangs is one that cannot be asked: bounded by npm, and by us should npm hang. */
const BOUNDS = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-timeout=15000'];
const DEADLINE_MS = 60_000;

const { values } = parseArgs({
  options: { strict: { type: 'boolean', default: false }, summary: { type: 'string' } },
});
const readJson = async (file) => JSON.parse(await readFile(path.join(ROOT, file), 'utf8'));

/** npm exits with 1 for findings as for failures: only what it printed tells them apart. */
const ask = (directory) =>
  new Promise((resolve, reject) => {
    const args = ['audit', '--json', '--package-lock-only', ...BOUNDS];
    const options = { cwd: path.join(ROOT, directory), timeout: DEADLINE_MS, maxBuffer: 64 * 1024 ** 2 };
    execFile('npm', args, options, (error, stdout, stderr) => {
      if (error?.killed) return resolve({ unasked: `no answer within ${DEADLINE_MS / 1000} s` });
      try {
        resolve(readAnswer(stdout, stderr || String(error?.message ?? '')));
      } catch (fault) {
        reject(fault);
      }
    });
  });

async function audit(directory) {
  const lockFile = path.join(directory, 'package-lock.json');
  const answer = await ask(directory);
  if (answer.unasked !== undefined) return { lockFile, ...answer };
  const findings = findVulnerabilities(answer.report, await readJson(lockFile));
  return { lockFile, findings, count: answer.report.metadata.dependencies.total };
}

async function say(line) {
  process.stdout.write(`${line}\n`);
  if (values.summary === undefined) return;
  await mkdir(path.dirname(values.summary), { recursive: true });
  await writeFile(values.summary, `${line}\n`);
}

/** What fails goes to stderr line by line; the summary is one line. Returns the exit code. */
async function run() {
  const results = await Promise.all(PROJECTS.map(audit));
  const unasked = results.filter((result) => result.unasked !== undefined);
  const asked = results.filter((result) => result.unasked === undefined);
  const faults = judge({
    findings: asked.flatMap(({ findings }) => findings),
    exceptions: await readJson('test/tools/audit-exceptions.json'),
    isWhole: unasked.length === 0,
    now: Date.now(),
  });
  for (const fault of faults) process.stderr.write(`audit: ${fault}\n`);
  if (unasked.length > 0) {
    const names = unasked.map(({ lockFile }) => lockFile).join(' and ');
    await say(`audit: NOT AUDITED: ${names}: the registry could not be asked (${unasked[0].unasked})`);
  } else {
    const counts = asked.map(({ lockFile, count }) => `${count} packages of ${lockFile}`).join(', ');
    const levels = `${LEVELS.production} or above (development only: ${LEVELS.development})`;
    await say(`audit: ${counts}: ${faults.length === 0 ? 'none' : faults.length} at ${levels}`);
  }
  if (faults.length > 0) return 65;
  return unasked.length > 0 && values.strict ? 75 : 0;
}

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`audit: ${error.message}\n`);
  process.exitCode = 70;
}
