export interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Lets go of the signals that it was made of. Call it when what waited for it is over. */
  release(): void;
}

/**
 * A signal that aborts, with the same reason, as soon as one of these does. It takes the place of `AbortSignal.any`, which
 * keeps something of every call in the signal that lives longest (Node 20 always, later ones in part: nodejs/node issues
 * 55351 and 64476). Here that is the one of the whole run, with a call or more for every cycle.
 */
export function joinSignals(...signals: readonly AbortSignal[]): JoinedSignal {
  const joined = new AbortController();
  const ends = signals.map((signal) => ({ signal, end: () => joined.abort(signal.reason) }));
  const release = () => {
    for (const { signal, end } of ends) signal.removeEventListener('abort', end);
  };
  for (const { signal, end } of ends) {
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  }
  joined.signal.addEventListener('abort', release, { once: true });
  if (joined.signal.aborted) release();
  return { signal: joined.signal, release };
}
