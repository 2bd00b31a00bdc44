import type { SyncPlan } from '../../core/sync/plan.ts';
import { printable, printCount, wrap } from '../print.ts';
import type { Style } from '../style.ts';

const EFFECTS = { 'hot-reload': 'hot reload', restart: 'restart', none: 'no effect' } as const;

interface Row {
  readonly sign: string;
  readonly path: string;
  readonly effect: string;
  readonly reason: string;
}

/** One line for each file that is uploaded or deleted, then what shows more or less than before. */
export function renderPlan(plan: SyncPlan, style: Style): string[] {
  const rows: Row[] = [
    ...plan.uploads.map(({ path, tag, effect, reason }) => ({
      sign: tag === null ? '+' : '~',
      path,
      effect: EFFECTS[effect],
      reason: tag === null ? '' : reason,
    })),
    ...plan.deletions.map(({ path, effect }) => ({
      sign: '-',
      path,
      effect: effect === 'restart' ? 'delete, restart' : 'delete',
      reason: '',
    })),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  const paints: Readonly<Record<string, (text: string) => string>> = {
    '+': style.good,
    '~': style.changed,
    '-': style.warning,
  };
  const width = Math.min(36, Math.max(0, ...rows.map(({ path }) => printable(path).length)));
  const lines = rows.flatMap(({ sign, path, effect, reason }) => {
    const name = printable(path);
    const paint = paints[sign] ?? style.faint;
    const head = `  ${paint(sign)} ${name.padEnd(width)}  ${effect}`;
    if (reason === '') return [head];
    const text = printable(reason);
    const length = 6 + Math.max(width, name.length) + effect.length + 3 + text.length;
    return length <= style.width ? [`${head} · ${text}`] : [head, ...indent(text, style)];
  });
  return [...lines, ...renderHolds(plan, style)];
}

/** What the gateway would hold, and what a person should know before saying yes. */
function renderHolds({ lost, widened, narrowed }: SyncPlan, style: Style): string[] {
  const gone = lost.length === 0 ? [] : [`${printCount(lost.length, 'file')} gone with the whole directory`];
  return [
    ...gone.map((text) => `  ${style.warning('!')} ${text}: ${lost.map(printable).join(', ')}`),
    ...widened.flatMap(({ path, reason }) => [
      `  ${style.warning('!')} ${printable(path)} shows more than before`,
      ...indent(printable(reason), style),
    ]),
    ...narrowed.map((path) => `  ${style.good('✓')} ${printable(path)} shows less than before`),
  ];
}

const indent = (text: string, style: Style) => wrap(text, style.width - 6).map((line) => `      ${line}`);
