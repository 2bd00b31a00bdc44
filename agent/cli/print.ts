/** Times, sizes and long texts as people read them. */
import { printInstant } from '../core/instant.ts';

export { printable } from '../core/printable.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The two largest units: `12 s`, `5 m`, `2 h 10 m`, `3 d 4 h`. Below a second: `0 s`. */
export function printDuration(ms: number): string {
  const at = Math.max(0, ms);
  if (at < MINUTE) return `${Math.floor(at / SECOND)} s`;
  if (at < HOUR) return pair(at, MINUTE, 'm', SECOND, 's');
  if (at < DAY) return pair(at, HOUR, 'h', MINUTE, 'm');
  return pair(at, DAY, 'd', HOUR, 'h');
}

/** A measured span: `850 ms`, `3 s`, `11 s`, `1 m 5 s`. */
export function printSpan(ms: number): string {
  return ms < SECOND ? `${Math.round(ms)} ms` : printDuration(Math.round(ms / SECOND) * SECOND);
}

function pair(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** `just now`, `5 s ago`; a time ahead of this machine's clock says so. */
export function printAge(at: number, now: number): string {
  if (at > now + SECOND) return `${printDuration(at - now)} ahead of this clock`;
  return now - at < SECOND ? 'just now' : `${printDuration(now - at)} ago`;
}

/** `11:58:02` on the day of `now` (UTC), else with the date. */
export function printTime(at: number, now: number): string {
  const [day = '', time = ''] = printInstant(at).split('T');
  const clock = time.slice(0, 8);
  return printInstant(now).startsWith(day) ? clock : `${day} ${clock}`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `812 MiB`, `5.2 GiB`, `8 GiB`. */
export function printBytes(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1_024 && unit < UNITS.length - 1) {
    amount /= 1_024;
    unit++;
  }
  const rounded = amount < 10 ? Math.round(amount * 10) / 10 : Math.round(amount);
  return `${rounded} ${UNITS[unit]}`;
}

/** `1 file`, `2 files`, `2 queries`. */
export function printCount(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`.replace(/ys$/, 'ies')}`;
}

/** The first eight digits of a digest, enough to tell a few apart. */
export function printDigest(digest: string): string {
  return digest.slice(0, 8);
}

/** Keeps both ends of a text that is longer than `width`. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  const kept = Math.max(width - 1, 2);
  const head = Math.ceil(kept / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (kept - head))}`;
}

/** Breaks a text at blanks into lines of at most `width`; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
