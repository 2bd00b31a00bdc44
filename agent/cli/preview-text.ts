import type { Effect, Preview } from '../core/preview.ts';
import { printable, printSpan, wrap } from './print.ts';
import type { Style } from './style.ts';

const WORDS: Readonly<Record<Effect, string>> = {
  'hot-reload': 'hot',
  restart: 'restart',
  none: 'nothing',
  held: 'held',
  refused: 'refused',
};

/** One line for each file that is not simply unchanged, then what would be done. */
export function renderPreview(
  preview: Preview,
  options: { readonly restartMs: number | null; readonly style: Style },
): string[] {
  const { style, restartMs } = options;
  const paints: Readonly<Record<Effect, (text: string) => string>> = {
    'hot-reload': style.good,
    restart: style.changed,
    none: style.faint,
    held: style.warning,
    refused: style.error,
  };
  const shown = preview.files.filter(({ effect, isChanged }) => isChanged || effect !== 'none');
  const pathWidth = Math.min(36, Math.max(0, ...shown.map(({ path }) => printable(path).length)));
  const lines = shown.flatMap(({ path, effect, reason }) => {
    const word = paints[effect](WORDS[effect].padEnd(8));
    const name = printable(path);
    const indent = 10 + pathWidth + 2;
    const [first = '', ...rest] = wrap(printable(reason), Math.max(24, style.width - indent));
    const more = rest.map((text) => ' '.repeat(indent) + text);
    return name.length > pathWidth
      ? [`${word}  ${name}`, ...[first, ...rest].map((text) => ' '.repeat(indent) + text)]
      : [`${word}  ${name.padEnd(pathWidth)}  ${first}`, ...more];
  });
  const unchanged = preview.files.length - shown.length;
  const isRestart = preview.actions.some(({ kind }) => kind === 'restart');
  const cost =
    isRestart && restartMs !== null ? ` (about ${printSpan(restartMs)} without SQL, last measured)` : '';
  const rest = unchanged === 0 ? '' : `; ${unchanged} unchanged`;
  return [
    ...lines,
    ...(lines.length > 0 ? [''] : []),
    ...wrap(printable(preview.reason) + cost + rest, style.width),
  ];
}
