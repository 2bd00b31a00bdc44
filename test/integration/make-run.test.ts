import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { type Program, startProgram } from '../support/rig-agent.ts';
import { until } from '../support/until.ts';

let home: string;
let program: Program | null = null;

afterEach(async () => {
  // TERM, not KILL: only then it ends agent and engine as well.
  if (program?.isRunning() === true) await program.end('SIGTERM', 40_000);
  program = null;
  await rm(home, { recursive: true, force: true });
});

function startRun(source: string): Program {
  program = startProgram({
    command: [
      process.execPath,
      'test/run/run.mjs',
      ...['--source', source, '--home', home, '--programs', inject('bundleDir')],
    ],
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? os.homedir(),
      ...(process.env.XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME }),
    },
    cwd: process.cwd(),
  });
  return program;
}

/** Waits for text that matches, in what was printed since the last match. */
function createReader(running: Program) {
  let from = 0;
  return async (pattern: RegExp, timeoutMs = 40_000): Promise<string> => {
    for (const deadline = Date.now() + timeoutMs; ; await sleep(25)) {
      const match = pattern.exec(running.stdout().slice(from));
      if (match !== null) {
        from += match.index + match[0].length;
        return match[0];
      }
      if (Date.now() > deadline || !running.isRunning()) {
        throw new Error(`not printed: ${pattern}\n${running.stdout()}\n${running.stderr()}`);
      }
    }
  };
}

const edit = async (file: string, change: (text: string) => string) => {
  const target = path.join(home, 'source', file);
  await writeFile(target, change(await readFile(target, 'utf8')));
};

describe.each(['dir', 's3'])('make run SOURCE=%s', (source) => {
  it('shows the five things to try, ends cleanly and goes on from there', async () => {
    home = await mkdtemp(path.join(os.tmpdir(), 'gateway-run-'));
    const running = startRun(source);
    const printed = createReader(running);
    await printed(/stand-in engine[\s\S]*Try, in another terminal/);
    await printed(/release\.proven/);

    await edit('datomic/shop.edn', (text) => text.replace('"placed"', '"ordered"'));
    await printed(/release\.published/);
    expect(await readFile(path.join(home, source, 'etc/datomic/shop.edn'), 'utf8')).toContain('"ordered"');
    await printed(/release\.proven/);

    const sound = await readFile(path.join(home, 'source/datomic/shop.edn'), 'utf8');
    await appendFile(path.join(home, 'source/datomic/shop.edn'), '}\n');
    await printed(/snapshot\.refused[\s\S]*?EDN_\w+ {2}datomic\/shop\.edn:\d+:\d+/);
    expect(await readFile(path.join(home, source, 'etc/datomic/shop.edn'), 'utf8')).toBe(sound);
    await edit('datomic/shop.edn', () => sound);

    await edit('catalog/shop.properties', (text) => text.replace('[shop]', '[shop billing]'));
    await printed(/engine\.restart/);
    await printed(/release\.proven/);

    const proven = await readFile(path.join(home, 'source/catalog/shop.properties'), 'utf8');
    await appendFile(path.join(home, 'source/catalog/shop.properties'), 'stand-in.refuse=true\n');
    await printed(/engine\.restart/);
    await printed(/release\.quarantined/);
    await printed(/engine\.serving/);
    await edit('catalog/shop.properties', () => proven);
    await printed(/quarantine\.dropped/);

    // As it was printed, but for the programs, which lie elsewhere here.
    const [, command = ''] = /^ +node dist\/gatewayctl\.cjs (.* restart)$/m.exec(running.stdout()) ?? [];
    const asked = startProgram({
      command: [process.execPath, path.join(inject('bundleDir'), 'gatewayctl.cjs'), ...command.split(' ')],
      env: { PATH: process.env.PATH ?? '' },
      cwd: process.cwd(),
    });
    const answer = await asked.ended(60_000);
    expect([answer.code, JSON.parse(answer.stdout)]).toEqual([
      0,
      expect.objectContaining({ outcome: 'done' }),
    ]);

    expect((await running.end('SIGINT', 40_000)).code).toBe(0);
    expect(running.stdout()).toContain('stopped.');

    const again = startRun(source);
    const printedAgain = createReader(again);
    await printedAgain(/as you left it/);
    await printedAgain(/engine\.serving[\s\S]*nothing to do/);
    // Nothing was changed meanwhile: one start is enough.
    expect(again.stdout()).not.toContain('engine.restart');
    expect((await again.end('SIGTERM', 40_000)).code).toBe(0);
  }, 180_000);
});

describe('make run whose reader goes away', () => {
  /** Processes whose command line or environment names the directory of this run. */
  const findProcesses = async (): Promise<string[]> => {
    const pids = (await readdir('/proc')).filter(
      (name) => /^\d+$/.test(name) && Number(name) !== process.pid,
    );
    const texts = await Promise.all(
      pids.map(async (pid) => {
        const parts = await Promise.all(
          ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
        );
        return { pid, text: parts.join('\0') };
      }),
    );
    return texts.filter(({ text }) => text.includes(home)).map(({ pid }) => pid);
  };

  it('ends agent and engine, also when there is nothing more to print', async () => {
    home = await mkdtemp(path.join(os.tmpdir(), 'gateway-run-'));
    const run = ['test/run/run.mjs', '--home', home, '--programs', inject('bundleDir')];
    // As `make run | less`, which is left once the release is proven.
    const line = '"$0" "$@" | while read -r said; do case $said in *"nothing to do"*) break ;; esac; done';
    program = startProgram({
      command: ['sh', '-c', line, process.execPath, ...run],
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? os.homedir() },
      cwd: process.cwd(),
    });
    try {
      expect((await program.ended(60_000)).code).toBe(0);
      await until(async () => (await findProcesses()).length === 0);
    } finally {
      for (const pid of await findProcesses()) process.kill(Number(pid), 'SIGKILL');
    }
  }, 90_000);
});
