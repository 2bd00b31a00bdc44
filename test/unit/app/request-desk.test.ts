import { describe, expect, it } from 'vitest';
import { createRequestDesk, type RequestDesk } from '../../../agent/app/request-desk.ts';
import type { Answer } from '../../../agent/core/answer.ts';
import { AgentError } from '../../../agent/core/errors.ts';
import type { AcceptedRequest } from '../../../agent/core/memory.ts';
import type { OpenRequest } from '../../../agent/core/observed.ts';
import type { LogFields, SpoolLook } from '../../../agent/ports.ts';
import { digest, memory, release, run, T0 } from '../../fakes/builders.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

const EMPTY: SpoolLook = { open: [], malformed: [], strays: [], hasMore: false };

const poll = (id: string): OpenRequest => ({ kind: 'poll', id, by: 'maria', reason: '', requestedAt: T0 });
const resume = (id: string): OpenRequest => ({
  kind: 'resume',
  id,
  by: 'maria',
  reason: '',
  requestedAt: T0,
});

interface Bench {
  found: SpoolLook | AgentError;
  readonly answered: Answer[];
  readonly logged: LogFields[];
  more: number;
  readonly desk: RequestDesk;
}

function createBench(found: SpoolLook | AgentError): Bench {
  const bench: Bench = {
    found,
    answered: [],
    logged: [],
    more: 0,
    desk: createRequestDesk({
      spool: {
        look: async () => {
          if (bench.found instanceof AgentError) throw bench.found;
          return bench.found;
        },
        answer: async (answer) => void bench.answered.push(answer),
        watch: () => ({ close: () => undefined }),
      },
      supervisor: {
        observe: async () => ({ run: run('run-1'), started: { digest: digest('A1'), madeAt: T0 } }),
      },
      clock: createFakeClock(T0),
      log: {
        debug: (fields) => void bench.logged.push(fields),
        info: (fields) => void bench.logged.push(fields),
        warn: (fields) => void bench.logged.push(fields),
        error: (fields) => void bench.logged.push(fields),
      },
      onMore: () => {
        bench.more += 1;
      },
    }),
  };
  return bench;
}

describe('requests come to the plan', () => {
  it('as they lie in the spool, until they are answered', async () => {
    const bench = createBench({ ...EMPTY, open: [poll('one'), poll('two')] });
    await bench.desk.look(memory());
    expect(bench.desk.open().map(({ id }) => id)).toEqual(['one', 'two']);
    const action = { kind: 'answer', id: 'one', outcome: 'done', reason: 'up to date', at: T0 } as const;
    await bench.desk.answer(action, memory({ desired: release('A1') }));
    expect(bench.desk.open().map(({ id }) => id)).toEqual(['two']);
    expect(bench.answered).toEqual([
      expect.objectContaining({ id: 'one', kind: 'poll', by: 'maria', digest: 'A1' }),
    ]);
  });

  it('in one cycle only as many as the plan has rounds for', async () => {
    const open = Array.from({ length: 40 }, (_, n) => resume(`r${n}`));
    const bench = createBench({ ...EMPTY, open: [...open, poll('one')] });
    await bench.desk.look(memory());
    expect(bench.desk.open()).toHaveLength(13);
    expect(bench.desk.open().map(({ id }) => id)).toContain('one');
    expect(bench.more).toBe(1);
  });

  it('no further ones to wait while very many wait', async () => {
    const waiting = Array.from({ length: 256 }, (_, n) => ({ id: `w${n}` }) as AcceptedRequest);
    const bench = createBench({ ...EMPTY, open: [poll('one'), resume('two')] });
    await bench.desk.look(memory({ requests: waiting }));
    expect(bench.desk.open().map(({ id }) => id)).toEqual(['two']);
  });

  it('the next cycle is not hurried where nothing moves', async () => {
    const bench = createBench({ ...EMPTY, open: [poll('one')], hasMore: true });
    await bench.desk.look(memory());
    await bench.desk.look(memory());
    expect(bench.more).toBe(1);
  });
});

describe('faults', () => {
  it('what is malformed is refused, and told of', async () => {
    const malformed = [{ id: 'bad', by: 'user 7', why: 'the request is a link', requestedAt: T0 }];
    const bench = createBench({ ...EMPTY, malformed, strays: [{ name: 'junk', why: 'removed' }] });
    await bench.desk.look(memory());
    expect(bench.answered).toEqual([expect.objectContaining({ id: 'bad', outcome: 'refused' })]);
    expect(bench.logged.map(({ event }) => event)).toEqual(['spool.stray', 'spool.refused']);
  });

  it('a spool that cannot be read stops nothing and is told of once', async () => {
    const bench = createBench(new AgentError('SPOOL_FAILED', 'cannot read the requests'));
    await bench.desk.look(memory());
    await bench.desk.look(memory());
    expect(bench.desk.open()).toEqual([]);
    expect(bench.logged.map(({ event }) => event)).toEqual(['spool.failed']);
    bench.found = { ...EMPTY, open: [poll('one')] };
    await bench.desk.look(memory());
    expect(bench.desk.open()).toHaveLength(1);
  });
});
