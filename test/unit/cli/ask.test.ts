import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../../agent/core/answer.ts';
import { refuseMalformed } from '../../../agent/core/answer.ts';
import { runCli } from '../../support/cli.ts';
import { makeScratch } from '../../support/scratch.ts';

const NOW = Date.parse('2026-01-01T12:30:00Z');
const SNAPSHOTS = ['ab'.repeat(32), 'cd'.repeat(32)] as const;

let state: string;
let run: string;

beforeEach(async () => {
  const root = await makeScratch();
  state = join(root, 'state');
  run = join(root, 'run');
  for (const dir of [join(state, 'requests'), join(state, 'answers'), run])
    await mkdir(dir, { recursive: true });
});

const ctl = (argv: readonly string[], options: Parameters<typeof runCli>[1] = {}) =>
  runCli(argv, {
    env: { GATEWAY_STATE_DIR: state, GATEWAY_RUN_DIR: run, USER: 'maria' },
    now: NOW,
    ...options,
  });

const RESTARTED: Answer = {
  ...refuseMalformed({ id: 'one', by: 'maria', why: '', requestedAt: 0 }, 0),
  kind: 'restart',
  outcome: 'done',
  reason: 'new driver',
  message: 'serving',
  requestedAt: '2026-01-01T12:10:00.000Z',
  startedAt: '2026-01-01T12:10:04.000Z',
  servingAt: '2026-01-01T12:10:14.000Z',
  drainMs: 2_000,
  stopMs: 1_000,
  startMs: 10_000,
  pidBefore: 2_314,
  pidAfter: 4_711,
  digest: '9c41f0e2aabb' as Answer['digest'],
};

const answer = (overrides: Partial<Answer>) =>
  writeFile(join(state, 'answers', 'one.json'), JSON.stringify({ ...RESTARTED, ...overrides }));

const tellStatus = (status: object) =>
  writeFile(
    join(run, 'status.json'),
    JSON.stringify({
      version: 1,
      at: new Date(NOW).toISOString(),
      agent: { pid: process.pid },
      analytics: {},
      source: {},
      ...status,
    }),
  );

describe('an answer', () => {
  it('on a terminal says what happened when, then what came of it', async () => {
    await answer({});
    const { stdout, exitCode } = await ctl(['restart', '--id', 'one'], { isTTY: true });
    expect(exitCode).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of one.
    expect(stdout.replace(/\u001b\[\d+m/g, '')).toBe(
      'asked 12:10:00 · drained 2 s · down 11 s · serving 12:10:14\n' +
        'done: pid 2314 → 4711, release 9c41f0e2, no query killed\n',
    );
  });

  it('in a pipe is the document', async () => {
    await answer({});
    const { stdout } = await ctl(['restart', '--id', 'one']);
    expect(JSON.parse(stdout)).toEqual(RESTARTED);
    expect(stdout.endsWith('}\n')).toBe(true);
  });

  it.each([
    ['restart', 'done', 0],
    ['restart', 'failed', 69],
    ['restart', 'refused', 77],
    ['poll', 'refused', 65],
    ['retry', 'done', 0],
    ['allow', 'refused', 77],
    ['pause', 'done', 0],
    ['resume', 'done', 0],
  ] as const)('to %s, %s, ends with %d', async (kind, outcome, expected) => {
    await answer({ kind, outcome });
    const hold = kind === 'allow' ? ['deletion', '--snapshot', SNAPSHOTS[0]] : [];
    expect((await ctl([kind, ...hold, '--id', 'one'])).exitCode).toBe(expected);
  });

  it('that failed says why', async () => {
    await answer({ outcome: 'failed', message: 'rolled back: it\u001b[2J exits', servingAt: null });
    const { stdout } = await ctl(['restart', '--id', 'one'], { isTTY: true });
    expect(stdout).toContain('rolled back: it\\u{1b}[2J exits');
  });

  it('to a request of another kind under that id is no answer', async () => {
    await answer({ kind: 'poll' });
    const { exitCode, stderr } = await ctl(['restart', '--id', 'one']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('one is the id of another request, a poll');
  });
});

describe('a request', () => {
  const readRequest = async (id: string) =>
    JSON.parse(await readFile(join(state, 'requests', `${id}.json`), 'utf8'));

  it.each([
    [['restart', '--now', '--reason', 'why'], { kind: 'restart', now: true, by: 'maria', reason: 'why' }],
    [['poll'], { kind: 'poll', by: 'maria', reason: '' }],
    [['pause', '--for', '2h'], { kind: 'pause', for: '2h', by: 'maria', reason: '' }],
    [
      ['allow', 'exposure', '--snapshot', SNAPSHOTS[0]],
      { kind: 'allow', hold: 'exposure', snapshot: SNAPSHOTS[0], by: 'maria', reason: '' },
    ],
  ])('%j is filed as the contract says', async (argv, document) => {
    await ctl([...argv, '--id', 'one']);
    expect(await readRequest('one')).toEqual(document);
  });

  it('without an agent says so; without an answer in time it ends with 75', async () => {
    const { exitCode, stdout, stderr } = await ctl(['restart', '--id', 'one', '--wait', '5s']);
    expect(exitCode).toBe(75);
    expect(JSON.parse(stdout)).toEqual({ id: 'one', kind: 'restart', outcome: 'pending' });
    expect(stderr).toContain('no agent seems to run here: there is no status at');
    expect(stderr).toContain('Ask again with: gatewayctl restart --id one   [75]');
  });

  it('with a living agent says nothing of it', async () => {
    await tellStatus({});
    const { stderr } = await ctl(['poll', '--id', 'one', '--wait', '0s']);
    expect(stderr).not.toContain('no agent');
  });

  it('on a terminal shows what the agent does meanwhile', async () => {
    await tellStatus({ reason: 'draining 2 queries' });
    const { stderr } = await ctl(['restart'], { isTTY: true, draws: 2 });
    expect(stderr).toContain('restart: draining 2 queries');
  });

  it.each([
    [['restart', '--id', 'no/path'], 'Expected 1 to 128 of'],
    [['restart', '--wait', 'long'], 'Expected a duration'],
    [['pause', '--for', 'ever'], 'Expected a duration'],
    [['allow', 'everything'], 'Expected deletion or exposure'],
    [['allow', 'deletion', '--snapshot', 'x'], 'Expected 4 to 64 hex digits'],
    [['restart', '--reason', 'x'.repeat(1_001)], 'Expected at most 1000 characters'],
  ])('%j is a usage error', async (argv, sentence) => {
    const { exitCode, stderr } = await ctl(argv);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(sentence) });
  });
});

describe('allow', () => {
  const held = (snapshot: string, paths = ['datomic/a.edn']) => ({
    kind: 'deletion',
    snapshot,
    paths,
    reason: '',
    at: '2026-01-01T00:00:00.000Z',
  });

  it('takes the snapshot that the status shows, and says what it allows', async () => {
    await tellStatus({ held: [held(SNAPSHOTS[0], ['datomic/a.edn', 'datomic/b.edn'])] });
    const { stderr } = await ctl(['allow', 'deletion', '--id', 'one']);
    expect(stderr).toContain('allowing the deletion in snapshot abababab: datomic/a.edn, datomic/b.edn');
    expect(stderr).toContain(`gatewayctl allow deletion --snapshot ${SNAPSHOTS[0]} --id one`);
  });

  it.each([
    ['nothing is held', [], [], 'no deletion is held'],
    [
      'another one is named',
      [held(SNAPSHOTS[0])],
      ['--snapshot', 'cdcd'],
      'no deletion of snapshot cdcd is held',
    ],
    [
      'two are held',
      [held(SNAPSHOTS[0]), held(SNAPSHOTS[1])],
      [],
      'more than one deletion is held: abababab, cdcdcdcd',
    ],
  ])('when %s nothing is asked', async (_title, holds, argv, sentence) => {
    await tellStatus({ held: holds });
    const { exitCode, stderr } = await ctl(['allow', 'deletion', ...argv]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(sentence);
  });
});

describe('history', () => {
  const entry = { at: '2026-01-01T12:00:00.000Z', what: 'proven', why: 'release 9c41f0e2 is proven' };
  const write = (entries: readonly object[]) =>
    writeFile(join(state, 'history.jsonl'), entries.map((line) => `${JSON.stringify(line)}\n`).join(''));

  it('is a line for each, with author and digest', async () => {
    await write([
      { ...entry, digest: '9c41f0e2aabb', by: 'maria' },
      { ...entry, what: 'restarted', why: 'a restart was asked for', digest: null, by: null },
    ]);
    const { stdout } = await ctl(['history']);
    expect(stdout).toBe(
      '12:00:00  proven     9c41f0e2  release 9c41f0e2 is proven (maria)\n' +
        '12:00:00  restarted  a restart was asked for\n',
    );
  });

  it('of nothing is said on the other stream', async () => {
    const { stdout, stderr, exitCode } = await ctl(['history']);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
    expect(stderr).toContain('history.jsonl yet.');
  });

  it('cannot move the cursor of a terminal', async () => {
    await write([{ ...entry, what: '\u001b[2J', why: 'a\nb', digest: '\u001b', by: '\u0007' }]);
    const { stdout } = await ctl(['history']);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.trim().split('\n')).toHaveLength(1);
  });
});
