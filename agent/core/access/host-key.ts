/** Who may say what the gateway's host key is, when two gateways live at once, as during a replacement. */

export interface PublishedHostKey {
  readonly line: string;
  /** When the key was made, by the machine that published it; null where another tool put the object. */
  readonly madeAt: number | null;
}

export type HostKeyDecision = 'same' | 'put' | 'leave-to-newer';

/** The machine with the newer key wins: the older one is about to go, and must not take the line back. */
export function decideHostKey(options: {
  readonly line: string;
  readonly madeAt: number;
  /** null: nothing lies there. */
  readonly published: PublishedHostKey | null;
}): HostKeyDecision {
  const { line, madeAt, published } = options;
  if (published === null) return 'put';
  if (published.line === line) return 'same';
  return published.madeAt !== null && published.madeAt > madeAt ? 'leave-to-newer' : 'put';
}
