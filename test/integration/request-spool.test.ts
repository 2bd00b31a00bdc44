import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it, onTestFinished, test } from 'vitest';
import { createRequestClient } from '../../agent/adapters/request-client.ts';
import { createRequestSpool } from '../../agent/adapters/request-spool.ts';
import { type Answer, refuseMalformed } from '../../agent/core/answer.ts';
import { AgentError } from '../../agent/core/errors.ts';
import { createFakeClock, type FakeClock } from '../fakes/fake-clock.ts';
import { makeScratch } from '../support/scratch.ts';

const DAY = 24 * 60 * 60_000;
const STRANGER = 54_321;

let root: string;
let requestsDir: string;
let answersDir: string;
let clock: FakeClock;

beforeEach(async () => {
  root = await makeScratch();
  requestsDir = join(root, 'requests');
  answersDir = join(root, 'answers');
  clock = createFakeClock(Date.now() + 60_000);
  await mkdir(requestsDir);
});

const createSpool = () => createRequestSpool({ requestsDir, answersDir, clock });
const lookAt = (spool = createSpool(), known: readonly string[] = []) =>
  spool.look({ isKnown: (id) => known.includes(id) });
const at = (name: string) => join(requestsDir, name);
const POLL = JSON.stringify({ kind: 'poll', by: 'maria', reason: 'because' });

/** As the contract wants it: by rename. */
async function drop(name: string, text: string | Uint8Array = POLL): Promise<void> {
  const partial = join(root, `partial-${process.hrtime.bigint()}`);
  await writeFile(partial, text);
  await rename(partial, at(name));
}

const answerTo = (id: string, why = 'served'): Answer => ({
  ...refuseMalformed({ id, by: 'maria', why, requestedAt: 0 }, clock.now()),
  outcome: 'done',
});

describe('requests', () => {
  it('without a directory there is none, and the directory is made', async () => {
    const spool = createRequestSpool({ requestsDir: join(root, 'a', 'b'), answersDir, clock });
    expect(await lookAt(spool)).toEqual({ open: [], malformed: [], strays: [], hasMore: false });
    expect(existsSync(join(root, 'a', 'b'))).toBe(true);
  });

  it('what the command line files is open, with the time of the file', async () => {
    const client = createRequestClient({ requestsDir, answersDir });
    await client.file('one', { kind: 'restart', by: 'maria', reason: 'new driver', now: true });
    await utimes(at('one.json'), 1_000, 1_000);
    expect((await lookAt()).open).toEqual([
      { id: 'one', kind: 'restart', by: 'maria', reason: 'new driver', isNow: true, requestedAt: 1_000_000 },
    ]);
    expect(await readdir(requestsDir)).toEqual(['one.json']);
  });

  it('the oldest comes first', async () => {
    for (const [index, name] of ['c', 'a', 'b'].entries()) {
      await drop(`${name}.json`);
      await utimes(at(`${name}.json`), 1_000 + index, 1_000 + index);
    }
    expect((await lookAt()).open.map(({ id }) => id)).toEqual(['c', 'a', 'b']);
  });

  it('a time in the future is no time of a request', async () => {
    await drop('one.json');
    await utimes(at('one.json'), 9e9, 9e9);
    expect((await lookAt()).open.map(({ requestedAt }) => requestedAt)).toEqual([clock.now()]);
  });

  it('what is known already is left alone', async () => {
    await drop('one.json', 'overwritten by something else');
    const look = await lookAt(createSpool(), ['one']);
    expect(look).toEqual({ open: [], malformed: [], strays: [], hasMore: false });
    expect(await readdir(requestsDir)).toEqual(['one.json']);
  });

  it('a request that is being written is not looked at; what a dead writer left goes after an hour', async () => {
    const name = '.one.json.12-0123456789ab.partial';
    await drop(name, '{');
    expect(await lookAt()).toMatchObject({ open: [], strays: [] });
    clock.set(clock.now() + 2 * 60 * 60_000);
    expect(await lookAt()).toMatchObject({ open: [], strays: [] });
    expect(await readdir(requestsDir)).toEqual([]);
  });

  it('a request that is dropped is told of', async () => {
    const spool = createSpool();
    let isTold: () => void = () => undefined;
    const told = new Promise<void>((resolve) => {
      isTold = resolve;
    });
    const watch = spool.watch(() => isTold());
    onTestFinished(() => watch.close());
    await lookAt(spool);
    await drop('one.json');
    await told;
    expect((await lookAt(spool)).open).toHaveLength(1);
  });
});

describe('answers', () => {
  it('an answer takes its request away', async () => {
    const spool = createSpool();
    await drop('one.json');
    await spool.answer(answerTo('one'));
    expect(await readdir(requestsDir)).toEqual([]);
    const client = createRequestClient({ requestsDir, answersDir });
    expect(await client.answerOf('one')).toEqual(answerTo('one'));
  });

  it('the first answer stays', async () => {
    const spool = createSpool();
    await spool.answer(answerTo('one', 'first'));
    await spool.answer(answerTo('one', 'second'));
    expect(JSON.parse(await readFile(join(answersDir, 'one.json'), 'utf8'))).toMatchObject({
      message: 'first',
    });
  });

  it('a request whose answer is there is taken away and not run: killed in between, or asked again', async () => {
    await createSpool().answer(answerTo('one'));
    await drop('one.json');
    expect(await lookAt()).toMatchObject({ open: [], malformed: [] });
    expect(await readdir(requestsDir)).toEqual([]);
  });

  it('nobody sees half an answer, and what a killed agent left is swept', async () => {
    await mkdir(answersDir);
    await writeFile(join(answersDir, '.one.json.12-0123456789ab.partial'), '{"id":');
    const client = createRequestClient({ requestsDir, answersDir });
    expect(await client.answerOf('one')).toBeNull();
    await createSpool().answer(answerTo('one'));
    expect(await readdir(answersDir)).toEqual(['one.json']);
  });

  it('answers are kept for seven days', async () => {
    const spool = createSpool();
    await spool.answer(answerTo('old'));
    await spool.answer(answerTo('new'));
    const seconds = (clock.now() - 7 * DAY - 1_000) / 1_000;
    await utimes(join(answersDir, 'old.json'), seconds, seconds);
    await lookAt();
    expect(await readdir(answersDir)).toEqual(['new.json']);
  });

  it('at most a thousand are kept, the newest', async () => {
    await mkdir(answersDir);
    for (let n = 0; n < 1_200; n += 1) {
      await writeFile(join(answersDir, `answer-${n}.json`), '{}');
      await utimes(join(answersDir, `answer-${n}.json`), 1_000 + n, clock.now() / 1_000 - 1_200 + n);
    }
    await lookAt();
    const kept = await readdir(answersDir);
    expect(kept.length).toBeLessThanOrEqual(1_000);
    expect(kept.length).toBeGreaterThan(900);
    expect(kept).toContain('answer-1199.json');
    expect(kept).not.toContain('answer-0.json');
  });
});

/** Everything hostile lies beside one good request: that one must be found whatever else does. */
describe('what is no request is refused and hurts nothing', () => {
  const cases: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    ['bad JSON', () => drop('bad.json', '{"kind":'), 'the request cannot be understood: expected JSON'],
    ['no JSON at all', () => drop('bad.json', Buffer.from([0, 255, 254])), 'cannot be understood'],
    ['an empty file', () => drop('bad.json', ''), 'cannot be understood'],
    ['another kind', () => drop('bad.json', '{"kind":"reboot"}'), 'kind: expected one of'],
    ['a deep nest', () => drop('bad.json', '['.repeat(100_000)), 'cannot be understood'],
    [
      'a terabyte of nothing',
      async () => {
        await drop('bad.json', '');
        await truncate(at('bad.json'), 2 ** 40);
      },
      'is larger than',
    ],
    ['a link to a file', () => symlink('/etc/passwd', at('bad.json')), 'is a link'],
    ['a link to nothing', () => symlink('/nowhere', at('bad.json')), 'is a link'],
    ['a link to itself', () => symlink(at('bad.json'), at('bad.json')), 'is a link'],
    ['an empty directory', () => mkdir(at('bad.json')), 'is no ordinary file'],
    ['a pipe', () => promisify(execFile)('mkfifo', [at('bad.json')]), 'is no ordinary file'],
    [
      'a socket',
      async () => {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(at('bad.json'), resolve));
        onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
      },
      'is a socket',
    ],
  ];

  it.each(cases)('%s', async (_title, make, why) => {
    await make();
    await drop('good.json');
    const spool = createSpool();
    const look = await lookAt(spool);
    expect(look.open.map(({ id }) => id)).toEqual(['good']);
    expect(look.malformed).toEqual([
      expect.objectContaining({ id: 'bad', why: expect.stringContaining(why) }),
    ]);
    for (const malformed of look.malformed) await spool.answer(refuseMalformed(malformed, clock.now()));
    expect(await readdir(requestsDir)).toEqual(['good.json']);
    expect(await lookAt(spool)).toMatchObject({ malformed: [], strays: [] });
  });

  it('a directory with something in it is answered, then left alone', async () => {
    await mkdir(at('bad.json'));
    await writeFile(join(at('bad.json'), 'precious'), 'x');
    const spool = createSpool();
    const [malformed] = (await lookAt(spool)).malformed;
    expect(malformed).toMatchObject({ id: 'bad' });
    if (malformed !== undefined) await spool.answer(refuseMalformed(malformed, clock.now()));
    expect(await lookAt(spool)).toMatchObject({ malformed: [], strays: [] });
    expect(await readdir(at('bad.json'))).toEqual(['precious']);
    // Another life of the agent finds the answer and tells of it once.
    const next = createSpool();
    expect((await lookAt(next)).strays).toHaveLength(1);
    expect((await lookAt(next)).strays).toEqual([]);
  });

  it('the file that a link points at is neither read nor removed', async () => {
    const precious = join(root, 'precious');
    await writeFile(precious, POLL);
    await symlink(precious, at('bad.json'));
    const spool = createSpool();
    const { open, malformed } = await lookAt(spool);
    expect(open).toEqual([]);
    for (const entry of malformed) await spool.answer(refuseMalformed(entry, clock.now()));
    expect(await readFile(precious, 'utf8')).toBe(POLL);
  });

  it('a second name of a good file is a request like any other', async () => {
    await drop('one.json');
    await link(at('one.json'), at('two.json'));
    expect((await lookAt()).open.map(({ id }) => id).sort()).toEqual(['one', 'two']);
  });

  it.each([
    'no-suffix',
    'two words.json',
    '.hidden',
    'ümlaut.json',
    `${'x'.repeat(200)}.json`,
    '-rf',
    'new\nline.json',
  ])('%j is no id: taken away and told of once', async (name) => {
    await drop(name);
    await drop('good.json');
    const spool = createSpool();
    const look = await lookAt(spool);
    expect(look).toMatchObject({ malformed: [], strays: [{ name, why: 'removed' }] });
    expect(look.open).toHaveLength(1);
    expect(await lookAt(spool)).toMatchObject({ strays: [] });
  });

  it('a directory without an id and with something in it is left alone, and told of once', async () => {
    await mkdir(at('backup'));
    await writeFile(join(at('backup'), 'precious'), 'x');
    const spool = createSpool();
    expect((await lookAt(spool)).strays).toEqual([{ name: 'backup', why: 'left alone' }]);
    expect((await lookAt(spool)).strays).toEqual([]);
    expect(await readdir(at('backup'))).toEqual(['precious']);
  });

  it('of two thousand files a bounded number is taken in one look, and all come to their turn', async () => {
    await Promise.all(
      Array.from({ length: 2_000 }, (_, n) => writeFile(at(n % 2 === 0 ? `r${n}.json` : `junk ${n}`), POLL)),
    );
    const spool = createSpool();
    const first = await lookAt(spool);
    expect(first.hasMore).toBe(true);
    expect(first.open.length + first.strays.length).toBe(64);
    const seen = new Set<string>();
    let looks = 0;
    for (let look = first; ; look = await lookAt(spool)) {
      looks += 1;
      for (const { id } of look.open) {
        expect(seen.has(id)).toBe(false);
        seen.add(id);
        await spool.answer(answerTo(id));
      }
      if (!look.hasMore) break;
    }
    expect(seen.size).toBe(1_000);
    expect(looks).toBeLessThan(100);
    expect(await readdir(requestsDir)).toEqual([]);
  });
});

describe('who may ask', () => {
  test.runIf(process.getuid?.() === 0)('another user is refused, whatever the mode', async () => {
    await drop('bad.json');
    await chown(at('bad.json'), STRANGER, STRANGER);
    const { open, malformed } = await lookAt();
    expect(open).toEqual([]);
    expect(malformed).toEqual([
      expect.objectContaining({
        id: 'bad',
        by: `user ${STRANGER}`,
        why: expect.stringContaining(`is owned by user ${STRANGER}, who may not ask`),
      }),
    ]);
  });

  test.runIf(process.getuid?.() === 0)('the owner of the directory may', async () => {
    await chown(requestsDir, STRANGER, STRANGER);
    await drop('good.json');
    await chown(at('good.json'), STRANGER, STRANGER);
    expect((await lookAt()).open).toHaveLength(1);
  });

  it('a directory that is none is said, with what to do', async () => {
    await writeFile(join(root, 'file'), '');
    const spool = createRequestSpool({ requestsDir: join(root, 'file'), answersDir, clock });
    await expect(lookAt(spool)).rejects.toThrow(AgentError);
    await expect(lookAt(spool)).rejects.toMatchObject({ code: 'SPOOL_FAILED' });
  });

  it('where answers cannot be kept nothing is taken in', async () => {
    await writeFile(answersDir, '');
    await drop('one.json');
    await expect(lookAt()).rejects.toMatchObject({ code: 'SPOOL_FAILED' });
    await expect(createSpool().answer(answerTo('one'))).rejects.toMatchObject({ code: 'SPOOL_FAILED' });
    expect(await readdir(requestsDir)).toEqual(['one.json']);
  });
});

it('the request is readable by an agent of another user, whatever the umask', async () => {
  const before = process.umask(0o077);
  onTestFinished(() => void process.umask(before));
  await createRequestClient({ requestsDir, answersDir }).file('one', { kind: 'poll', by: 'x', reason: '' });
  await chmod(requestsDir, 0o750);
  const { stdout } = await promisify(execFile)('stat', ['--format', '%a', at('one.json')]);
  expect(stdout.trim()).toBe('644');
});
