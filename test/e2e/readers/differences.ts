import type { Answer } from './reference.ts';

interface Difference {
  readonly reason: string;
  readonly applies: (document: string, ours: Answer, theirs: Answer) => boolean;
}

/** Where our EDN reader is meant to differ from Clojure's. */
export const EDN_DIFFERENCES: readonly Difference[] = [
  {
    reason:
      'numbers of more than 200 characters are refused: no configuration has them, and reading them is not linear',
    applies: (document, ours) =>
      !ours.isRead && ours.why.startsWith('EDN_BAD_NUMBER') && /[0-9]{190}/.test(document),
  },
  {
    reason:
      'forms nested more than 1,000 levels deep are refused; Clojure reads them until its stack overflows',
    applies: (_, ours) => !ours.isRead && ours.why.startsWith('EDN_TOO_DEEP'),
  },
  {
    reason:
      'more than 1,000,000 forms are refused: they would cost hundreds of megabytes, and no configuration has them',
    applies: (_, ours) => !ours.isRead && ours.why.startsWith('EDN_TOO_LARGE'),
  },
];

export function explainEdnDifference(document: string, ours: Answer, theirs: Answer): string | null {
  return EDN_DIFFERENCES.find(({ applies }) => applies(document, ours, theirs))?.reason ?? null;
}
