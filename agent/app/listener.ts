/** Keeps the pages served: an address that is taken is tried again, and the gateway works on without. */
import type { Trouble } from '../core/trouble.ts';
import type { Clock, Log } from '../ports.ts';
import { createAttempts } from './attempts.ts';
import { createSleeper } from './sleeper.ts';

const SECOND = 1_000;

export function createListener(options: {
  readonly server: {
    listen(): Promise<{ readonly host: string; readonly port: number }>;
    close(): Promise<void>;
  };
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}): { run(signal: AbortSignal): Promise<void>; trouble(): Trouble | null } {
  const { server, clock, log } = options;
  const attempts = createAttempts({
    ...options,
    type: 'HttpUnavailable',
    baseMs: 5 * SECOND,
    capMs: 300 * SECOND,
  });
  const sleeper = createSleeper(clock);
  let isListening = false;

  const listen = async () => {
    try {
      const { host, port } = await server.listen();
      isListening = true;
      attempts.succeed();
      log.info({ event: 'http.listening', host, port }, 'health, metrics and status can be asked for');
    } catch (thrown) {
      attempts.fail(thrown);
    }
  };

  return {
    async run(signal) {
      while (!signal.aborted) {
        if (!isListening && clock.now() >= attempts.retryAt()) await listen();
        else {
          const until = isListening ? Number.POSITIVE_INFINITY : attempts.retryAt();
          await sleeper.sleepUntil(until, signal);
        }
      }
      await server.close();
    },
    trouble: attempts.trouble,
  };
}
