/**
 * Takes requests from the spool to the plan, and answers from the plan to the spool.
 *
 * INVARIANTS
 * - The spool is looked at once in a cycle, and one cycle takes in a bounded number: whatever lies there, the plan
 *   comes to rest.
 * - Nothing that lies in the spool, and no fault of the spool, stops the work.
 */
import { buildAnswer, refuseMalformed } from '../core/answer.ts';
import { describeError, toAgentError } from '../core/errors.ts';
import type { Memory } from '../core/memory.ts';
import type { OpenRequest } from '../core/observed.ts';
import type { Clock, Log, RequestSpool, SpoolLook, Supervisor } from '../ports.ts';
import type { Answers } from './apply.ts';

/** Each of these takes a round of the plan of its own. */
const MAX_CHANGING = 12;
/** Requests that wait to be served. */
const MAX_WAITING = 256;

export interface RequestDesk extends Answers {
  /** Looks into the spool; before each cycle. Never rejects. */
  look(memory: Memory): Promise<void>;
  /** What the last look found and has no answer yet. */
  open(): readonly OpenRequest[];
}

const isWaiting = ({ kind }: OpenRequest): boolean => kind === 'restart' || kind === 'poll';

export function createRequestDesk(parts: {
  readonly spool: RequestSpool;
  readonly supervisor: Pick<Supervisor, 'observe'>;
  readonly clock: Clock;
  readonly log: Log;
  /** There is more than one cycle takes in, and this one got on with it. */
  readonly onMore: () => void;
}): RequestDesk {
  const { spool, clock, log } = parts;
  let open: readonly OpenRequest[] = [];
  let oldest: string | null = null;
  let failure: string | null = null;

  const choose = (found: readonly OpenRequest[], memory: Memory): readonly OpenRequest[] => {
    const room = Math.max(0, MAX_WAITING - memory.requests.length);
    const waiting = found.filter(isWaiting).slice(0, room);
    const changing = found.filter((request) => !isWaiting(request)).slice(0, MAX_CHANGING);
    return [...waiting, ...changing];
  };

  const report = ({ strays, malformed }: SpoolLook) => {
    for (const { name, why } of strays) {
      log.warn({ event: 'spool.stray', name: name.slice(0, 128), why }, 'something that is no request');
    }
    for (const { id, by, why } of malformed) log.warn({ event: 'spool.refused', id, by }, why);
  };

  const lookOnce = async (memory: Memory) => {
    const known = new Set(memory.requests.map(({ id }) => id));
    const found = await spool.look({ isKnown: (id) => known.has(id) });
    for (const malformed of found.malformed) await spool.answer(refuseMalformed(malformed, clock.now()));
    report(found);
    open = choose(found.open, memory);
    // Where nothing moves (a full disk, say), the next cycle comes in its own time.
    const first = found.open[0]?.id ?? null;
    const hasMoved = first !== oldest || found.strays.length + found.malformed.length > 0;
    oldest = first;
    if (hasMoved && (found.hasMore || open.length < found.open.length)) parts.onMore();
  };

  return {
    async look(memory) {
      open = [];
      try {
        await lookOnce(memory);
        failure = null;
      } catch (thrown) {
        const error = toAgentError(thrown);
        const sentence = describeError(error);
        // Requests wait; the work goes on. Said once, since this is tried in each cycle.
        if (failure !== sentence) log.warn({ event: 'spool.failed', code: error.code, err: error }, sentence);
        failure = sentence;
      }
    },
    open: () => open,
    async answer(action, memory) {
      const { run, started } = await parts.supervisor.observe();
      const answer = buildAnswer({
        action,
        memory,
        open: open.find(({ id }) => id === action.id) ?? null,
        run,
        started: started?.digest ?? null,
      });
      await spool.answer(answer);
      open = open.filter(({ id }) => id !== action.id);
    },
  };
}
