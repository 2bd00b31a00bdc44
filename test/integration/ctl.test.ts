import { spawn } from 'node:child_process';
import { cp, lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { createFileStatusSink } from '../../agent/adapters/file-status-sink.ts';
import { createMemoryFile } from '../../agent/adapters/memory-file.ts';
import { createReleaseStore } from '../../agent/adapters/release-store.ts';
import { sha256 } from '../../agent/adapters/sha256.ts';
import { snapshotIdOf } from '../../agent/core/digest.ts';
import { layoutOf } from '../../agent/core/layout.ts';
import { EMPTY_MEMORY, type Memory } from '../../agent/core/memory.ts';
import type { Release } from '../../agent/core/release.ts';
import { renderRelease } from '../../agent/core/rendering.ts';
import { statusDocument } from '../fakes/status.ts';
import { renderingInputs, sourceFiles } from '../support/releases.ts';
import { makeScratch } from '../support/scratch.ts';

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built program as a process of its own, with an environment that holds nothing else. */
function gatewayctl(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const program = path.join(inject('bundleDir'), 'gatewayctl.cjs');
  const child = spawn(process.execPath, [program, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

type Texts = Readonly<Record<string, string>>;

const SHOP = {
  'catalog/shop.properties':
    'connector.name=datomic\ndatomic.databases=[shop]\ndatomic.client.config={:endpoint "http://a" :server-type :peer-server :secret "hunter2pass"}\n',
  'datomic/shop.edn': '{:tables {:order/number {}} :joins {}}\n',
};

function release(texts: Texts): Release {
  const files = sourceFiles(texts);
  const snapshot = {
    id: snapshotIdOf(files, sha256),
    group: 'acme',
    files,
    origin: { at: 1_000, by: 'ann' },
    allow: [],
  };
  const made = renderRelease({ snapshot, kept: { paths: [], files: [] }, inputs: renderingInputs(), sha256 });
  if ('kind' in made) throw new Error(made.reason);
  return made;
}

/** A gateway's directories as an agent leaves them: releases, intent, memory. */
async function makeGateway(options: { live: Release; desired?: Release; memory?: Partial<Memory> }) {
  const root = await makeScratch();
  const paths = { state: path.join(root, 'state'), run: path.join(root, 'run') };
  const layout = layoutOf(paths);
  const store = createReleaseStore({ dir: layout.storeDir, sha256 });
  const desired = options.desired ?? options.live;
  await store.write(options.live);
  await store.write(desired);
  await store.writeIntent({ digest: options.live.facts.digest, phase: 'published' });
  await createMemoryFile({ path: layout.memoryFile }).save({
    ...EMPTY_MEMORY,
    group: { name: 'acme', markAt: 1_000 },
    desired: desired.facts,
    proven: options.live.facts,
    baselines: { acme: options.live.facts.digest },
    ...options.memory,
  });
  return { root, layout, env: { GATEWAY_STATE_DIR: paths.state, GATEWAY_RUN_DIR: paths.run } };
}

async function writeDirectory(root: string, texts: Texts): Promise<string> {
  const dir = path.join(root, 'config');
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
    await writeFile(path.join(dir, name), text);
  }
  return dir;
}

describe('the built gatewayctl', () => {
  it('runs alone, without anything beside it', async () => {
    const dir = await makeScratch();
    await cp(path.join(inject('bundleDir'), 'gatewayctl.cjs'), path.join(dir, 'gatewayctl.cjs'));
    const child = spawn(process.execPath, ['gatewayctl.cjs', '--version'], { cwd: dir, env: {} });
    const exitCode = await new Promise((resolve) => child.on('close', resolve));
    expect(exitCode).toBe(0);
  });

  it.each([
    [['--help'], 0],
    [['status', '--help'], 0],
    [['nonsense'], 2],
    [['validate', 'test/example'], 0],
    [['status', '--set', 'paths.run=/nonexistent'], 69],
    [['status', '--config', '/nonexistent.json'], 78],
  ])('%j exits with %d', async (argv, exitCode) => {
    expect(await gatewayctl(argv)).toMatchObject({ exitCode });
  });

  it('ends quietly when nobody reads on', async () => {
    const program = path.join(inject('bundleDir'), 'gatewayctl.cjs');
    const child = spawn('bash', [
      '-c',
      `"${process.execPath}" "${program}" --help | true; exit \${PIPESTATUS[0]}`,
    ]);
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const exitCode = await new Promise((resolve) => child.on('close', resolve));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('names three wrong settings at once and exits 78', async () => {
    const dir = await makeScratch();
    const file = path.join(dir, 'agent.json');
    await writeFile(file, '{\n  "source": { "setle": "1s" },\n  "restart": { "drain": 5 }\n}\n');
    const run = await gatewayctl(['status', '--config', file], { GATEWAY_EXPOSURE: 'maybe' });
    expect(run.exitCode).toBe(78);
    expect(run.stderr).toContain(`source.setle (${file}:2): no such setting; did you mean source.settle?`);
    expect(run.stderr).toContain(`restart.drain (${file}:3): expected a duration`);
    expect(run.stderr).toContain(
      'gate.exposure (environment variable GATEWAY_EXPOSURE): expected "hold" or "allow"',
    );
    expect(run.stderr).not.toMatch(/^\s+at /m);
  });

  it('shows the status that an agent writes', async () => {
    const { layout, env } = await makeGateway({ live: release(SHOP) });
    const status = statusDocument({ at: new Date().toISOString() });
    await createFileStatusSink({ path: layout.statusFile }).write(status);
    const shown = await gatewayctl(['status'], env);
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    expect(shown.stdout).toContain('SERVING    PrestoSQL 348');
    const json = await gatewayctl(['status', '--json'], env);
    expect(JSON.parse(json.stdout)).toEqual(status);
  });
});

describe('gatewayctl plan against a gateway', () => {
  it('finds nothing to do for what is live', async () => {
    const { root, env } = await makeGateway({ live: release(SHOP) });
    const run = await gatewayctl(['plan', await writeDirectory(root, SHOP)], env);
    expect(run).toEqual({ exitCode: 0, stderr: '', stdout: 'nothing to publish; 2 unchanged\n' });
  });

  it('says what a change would do, and what the last restart cost', async () => {
    const lastRestart = {
      id: null,
      reason: 'catalog changed',
      outcome: 'done' as const,
      at: 1_000,
      drainMs: 0,
      stopMs: 5_000,
      startMs: 9_000,
      queriesKilled: [],
    };
    const { root, env } = await makeGateway({ live: release(SHOP), memory: { lastRestart } });
    const catalog = SHOP['catalog/shop.properties'].replace('[shop]', '[shop billing]');
    const dir = await writeDirectory(root, { ...SHOP, 'catalog/shop.properties': catalog });
    const run = await gatewayctl(['plan', dir], env);
    expect(run.stdout).toBe(
      'restart   catalog/shop.properties  databases [shop] → [shop billing]\n\n' +
        'publish 1 file, restart the analytics process once (about 14 s without SQL, last\nmeasured); 1 unchanged\n',
    );
    const json = await gatewayctl(['plan', dir, '--json'], env);
    expect(JSON.parse(json.stdout)).toMatchObject({
      actions: [{ kind: 'publish' }, { kind: 'restart' }],
      files: [
        { path: 'catalog/shop.properties', effect: 'restart' },
        { path: 'datomic/shop.edn', effect: 'none', reason: 'unchanged' },
      ],
    });
  });

  it('exits 65 for what would be refused', async () => {
    const { root, env } = await makeGateway({ live: release(SHOP) });
    const run = await gatewayctl(
      ['plan', await writeDirectory(root, { ...SHOP, 'datomic/shop.edn': '{' })],
      env,
    );
    expect(run.exitCode).toBe(65);
    expect(run.stdout).toMatch(/^refused +datomic\/shop\.edn +1:1 /);
  });

  it('knows catalogs that the engine failed with before', async () => {
    const live = release(SHOP);
    const failed = { ...SHOP, 'catalog/shop.properties': `${SHOP['catalog/shop.properties']}x=1\n` };
    const { facts } = release(failed);
    const { root, env } = await makeGateway({
      live,
      memory: {
        quarantined: [
          {
            fingerprint: facts.fingerprint,
            digest: facts.digest,
            kind: 'exit',
            reason: 'ended twice before it was serving',
            log: [],
            at: 2_000,
            retryAt: null,
            tries: 1,
            isRetrying: false,
          },
        ],
      },
    });
    const run = await gatewayctl(['plan', await writeDirectory(root, failed)], env);
    expect(run.stdout).toContain('held      catalog/shop.properties  quarantined: ended twice');
  });

  it('changes nothing', async () => {
    const { root, env } = await makeGateway({ live: release(SHOP) });
    const look = async () => {
      const names = await readdir(root, { recursive: true });
      const stats = await Promise.all(names.map((name) => lstat(path.join(root, name))));
      return names.map((name, index) => `${name} ${stats[index]?.ctimeMs} ${stats[index]?.ino}`).sort();
    };
    const dir = await writeDirectory(root, { ...SHOP, 'datomic/shop.edn': '{:tables {} :joins {}}' });
    const before = await look();
    expect(await gatewayctl(['plan', dir], env)).toMatchObject({ exitCode: 0 });
    expect(await gatewayctl(['diff'], env)).toMatchObject({ exitCode: 0 });
    expect(await look()).toEqual(before);
  });

  it('says where there is no gateway, and how to do without', async () => {
    const run = await gatewayctl(['plan', 'test/example'], { GATEWAY_STATE_DIR: '/nonexistent' });
    expect(run).toMatchObject({ exitCode: 69, stdout: '' });
    expect(run.stderr).toContain('--from DIR');
  });
});

describe('gatewayctl diff', () => {
  it('says that desired and effective are the same', async () => {
    const live = release(SHOP);
    const { env } = await makeGateway({ live });
    const run = await gatewayctl(['diff'], env);
    expect(run.stdout).toBe(
      `Desired and effective are the same release, ${live.facts.digest.slice(0, 8)}.\n`,
    );
  });

  it('shows the files that differ, and no secret', async () => {
    const catalog = SHOP['catalog/shop.properties']
      .replace('hunter2pass', 'another-pass')
      .replace('[shop]', '[shop b]');
    const desired = release({
      ...SHOP,
      'catalog/shop.properties': catalog,
      'datomic/new.edn': '{:tables {}\n :joins {}}\n',
    });
    const { env } = await makeGateway({ live: release(SHOP), desired });
    const { stdout, exitCode } = await gatewayctl(['diff'], env);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--- effective/catalog/shop.properties\n+++ desired/catalog/shop.properties\n');
    expect(stdout).toContain('-datomic.databases=[shop]\n+datomic.databases=[shop b]\n');
    expect(stdout).toContain('--- /dev/null\n+++ desired/datomic/new.edn\n@@ -0,0 +1,2 @@\n+{:tables {}\n');
    expect(stdout).not.toMatch(/hunter2pass|another-pass/);
    expect(stdout).toContain('[redacted]');
  });

  it('--json names the releases and the changed files', async () => {
    const live = release(SHOP);
    const desired = release({ 'catalog/shop.properties': SHOP['catalog/shop.properties'] });
    const { env } = await makeGateway({ live, desired });
    const { stdout } = await gatewayctl(['diff', '--json'], env);
    expect(JSON.parse(stdout)).toMatchObject({
      desired: desired.facts.digest,
      effective: live.facts.digest,
      files: [{ path: 'datomic/shop.edn', change: 'removed' }],
    });
  });
});
