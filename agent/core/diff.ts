/** Unified text differences (Myers' greedy algorithm), as `diff -u` prints them. */

export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

export interface Hunk {
  /** `@@ -1,4 +1,5 @@` */
  readonly header: string;
  readonly lines: readonly DiffLine[];
}

const CONTEXT_LINES = 3;
/** Texts with more changed lines than this are shown as replaced: the search costs the square of it. */
const MAX_CHANGES = 1_500;

/** The hunks that turn `before` into `after`; empty when their lines are equal. */
export function diffTexts(before: string, after: string): readonly Hunk[] {
  const from = splitLines(before);
  const to = splitLines(after);
  let head = 0;
  while (head < from.length && head < to.length && from[head] === to[head]) head++;
  let tail = 0;
  while (
    tail < from.length - head &&
    tail < to.length - head &&
    from[from.length - 1 - tail] === to[to.length - 1 - tail]
  ) {
    tail++;
  }
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  const script = [
    ...from.slice(0, head).map(same),
    ...diffLines(from.slice(head, from.length - tail), to.slice(head, to.length - tail)),
    ...from.slice(from.length - tail).map(same),
  ];
  return toHunks(script);
}

/** A last line without line end differs from one with it, as in `diff`. */
function splitLines(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines.push(`${lines.pop() ?? ''}\n\\ No newline at end of file`);
  return lines;
}

function diffLines(from: readonly string[], to: readonly string[]): DiffLine[] {
  const trace = searchShortest(from, to);
  if (trace === null) {
    return [
      ...from.map((text): DiffLine => ({ kind: 'removed', text })),
      ...to.map((text): DiffLine => ({ kind: 'added', text })),
    ];
  }
  return walkBack(trace, from, to);
}

/** For each number of changes the furthest `x` on each diagonal; null when there are too many changes. */
function searchShortest(
  from: readonly string[],
  to: readonly string[],
): ReadonlyMap<number, number>[] | null {
  const trace: Map<number, number>[] = [];
  let furthest = new Map<number, number>([[1, 0]]);
  const maxChanges = Math.min(from.length + to.length, MAX_CHANGES);
  for (let changes = 0; changes <= maxChanges; changes++) {
    trace.push(new Map(furthest));
    const next = new Map<number, number>(furthest);
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      let x = stepsDown(furthest, diagonal, changes)
        ? (furthest.get(diagonal + 1) ?? 0)
        : (furthest.get(diagonal - 1) ?? 0) + 1;
      while (x < from.length && x - diagonal < to.length && from[x] === to[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= from.length && x - diagonal >= to.length) return trace;
    }
    furthest = next;
  }
  return null;
}

/** Whether the furthest path to a diagonal comes by an added line rather than by a removed one. */
function stepsDown(furthest: ReadonlyMap<number, number>, diagonal: number, changes: number): boolean {
  if (diagonal === -changes) return true;
  if (diagonal === changes) return false;
  return (furthest.get(diagonal - 1) ?? -1) < (furthest.get(diagonal + 1) ?? -1);
}

function walkBack(
  trace: readonly ReadonlyMap<number, number>[],
  from: readonly string[],
  to: readonly string[],
): DiffLine[] {
  const script: DiffLine[] = [];
  let x = from.length;
  let y = to.length;
  for (let changes = trace.length - 1; changes >= 0; changes--) {
    const furthest = trace[changes] ?? new Map<number, number>();
    const diagonal = x - y;
    const isDown = stepsDown(furthest, diagonal, changes);
    const previousX = furthest.get(isDown ? diagonal + 1 : diagonal - 1) ?? 0;
    const previousY = previousX - (isDown ? diagonal + 1 : diagonal - 1);
    while (x > Math.max(previousX, 0) && y > Math.max(previousY, 0)) {
      x--;
      y--;
      script.push({ kind: 'same', text: from[x] ?? '' });
    }
    if (changes === 0) break;
    if (isDown) {
      y--;
      script.push({ kind: 'added', text: to[y] ?? '' });
    } else {
      x--;
      script.push({ kind: 'removed', text: from[x] ?? '' });
    }
  }
  return script.toReversed();
}

function toHunks(script: readonly DiffLine[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  let fromLine = 1;
  let toLine = 1;
  let index = 0;
  while (index < script.length) {
    const changed = script.findIndex((line, at) => at >= index && line.kind !== 'same');
    if (changed === -1) break;
    const start = Math.max(index, changed - CONTEXT_LINES);
    fromLine += start - index;
    toLine += start - index;
    const end = findEnd(script, changed);
    const lines = script.slice(start, end);
    const removed = lines.filter(({ kind }) => kind !== 'added').length;
    const added = lines.filter(({ kind }) => kind !== 'removed').length;
    hunks.push({ header: `@@ -${range(fromLine, removed)} +${range(toLine, added)} @@`, lines });
    fromLine += removed;
    toLine += added;
    index = end;
  }
  return hunks;
}

/** One after the context that follows the last change; changes less than two contexts apart share a hunk. */
function findEnd(script: readonly DiffLine[], changed: number): number {
  let last = changed;
  for (let at = changed + 1; at < script.length && at - last <= 2 * CONTEXT_LINES; at++) {
    if (script[at]?.kind !== 'same') last = at;
  }
  return Math.min(script.length, last + 1 + CONTEXT_LINES);
}

function range(line: number, count: number): string {
  const start = count === 0 ? line - 1 : line;
  return count === 1 ? String(start) : `${start},${count}`;
}
