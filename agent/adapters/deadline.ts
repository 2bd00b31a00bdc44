import { joinSignals } from '../core/join-signals.ts';

/** A call took longer than it was given, or was abandoned. Stays inside adapters, which translate it. */
export class DeadlineError extends Error {
  readonly timeoutMs: number;
  readonly isAbandoned: boolean;

  constructor(options: { readonly timeoutMs: number; readonly isAbandoned: boolean }) {
    super(options.isAbandoned ? 'call was abandoned' : 'call took too long');
    this.name = 'DeadlineError';
    this.timeoutMs = options.timeoutMs;
    this.isAbandoned = options.isAbandoned;
  }
}

/**
 * Ends after `timeoutMs` or with `signal` whatever `work` does: by then `work`'s own signal is aborted, and what it
 * still does is left alone. (The SDK's abort signal does not cover the search for credentials.)
 */
export async function withDeadline<Result>(options: {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly work: (signal: AbortSignal) => Promise<Result>;
}): Promise<Result> {
  const { timeoutMs, signal, work } = options;
  const controller = new AbortController();
  let end: (isAbandoned: boolean) => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    end = (isAbandoned) => {
      reject(new DeadlineError({ timeoutMs, isAbandoned }));
      controller.abort();
    };
  });
  const abandon = () => end(true);
  const timer = setTimeout(() => end(false), timeoutMs);
  signal.addEventListener('abort', abandon);
  try {
    if (signal.aborted) abandon();
    return await Promise.race([ended, signal.aborted ? ended : work(controller.signal)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abandon);
  }
}

/** Gives `work` a signal that aborts with `signal`, or after `timeoutMs`, and leaves nothing behind with `signal`. */
export async function withTimeLimit<Result>(
  signal: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const either = joinSignals(signal, AbortSignal.timeout(timeoutMs));
  try {
    return await work(either.signal);
  } finally {
    either.release();
  }
}
