/** What the agent answers over HTTP. */
import { judgeLiveness, judgeReadiness, type Verdict } from '../core/health.ts';
import type { Vitals } from '../core/metrics.ts';
import type { Status } from '../core/status.ts';
import type { Clock, StatusSink } from '../ports.ts';

interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type Usage = Pick<Vitals, 'memoryAvailableBytes' | 'memory' | 'residentBytes' | 'cpuSeconds'>;

export interface Pages {
  /** Takes the newest status; a cycle is complete with it. */
  readonly sink: StatusSink;
  /** Counts a cycle. */
  note(hasFailed: boolean): void;
  readonly pages: Readonly<Record<string, () => Promise<Page>>>;
}

const TEXT = 'text/plain; charset=utf-8';

const pageOf = ({ isGood, message }: Verdict): Page => ({
  status: isGood ? 200 : 503,
  contentType: TEXT,
  body: `${message}\n`,
});

/** `staleMs` is how old the last good look at the source may be. */
export function createPages(parts: {
  readonly clock: Clock;
  readonly staleMs: number;
  readonly usage: () => Promise<Usage>;
  readonly metrics: () => Promise<{
    readonly contentType: string;
    render(status: Status | null, vitals: Vitals): Promise<string>;
  }>;
}): Pages {
  const { clock, staleMs } = parts;
  let progressAt = clock.now();
  let status: Status | null = null;
  let cycles = 0;
  let failedCycles = 0;

  const readiness = () => judgeReadiness(status, clock.now(), staleMs);

  return {
    note(hasFailed) {
      progressAt = clock.now();
      cycles += 1;
      if (hasFailed) failedCycles += 1;
    },
    sink: {
      write: async (next) => {
        status = next;
      },
    },
    pages: {
      '/healthz': async () => pageOf(judgeLiveness(progressAt, clock.now())),
      '/readyz': async () => pageOf(readiness()),
      '/status': async () =>
        status === null
          ? { status: 503, contentType: TEXT, body: 'no cycle is complete yet\n' }
          : { status: 200, contentType: 'application/json', body: `${JSON.stringify(status, null, 1)}\n` },
      '/metrics': async () => {
        const { contentType, render } = await parts.metrics();
        const vitals = {
          ...(await parts.usage()),
          progressAt,
          isReady: readiness().isGood,
          cycles,
          failedCycles,
        };
        return { status: 200, contentType, body: await render(status, vitals) };
      },
    },
  };
}
