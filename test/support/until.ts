import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves with the first value that is neither null nor false; after `timeoutMs` rejects with what `describe` says. */
export async function until<T>(
  look: () => T | null | false | Promise<T | null | false>,
  options: { readonly timeoutMs?: number; readonly describe?: () => string } = {},
): Promise<T> {
  const { timeoutMs = 20_000, describe = () => String(look) } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== null && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${describe()}`);
    await sleep(20);
  }
}
