import { digitOf } from './characters.ts';

const TIMESTAMP =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?)?)?)?(?:Z|([-+])(\d\d):(\d\d))?$/;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** The first day of the Gregorian calendar, in days since 1970-01-01; Java counts Julian before it. */
const GREGORIAN_START = -141_427;

/** `#inst`: milliseconds since the epoch as `java.util.Date` counts them, or null. */
export function parseInstant(text: string): number | null {
  const match = TIMESTAMP.exec(text);
  if (match === null) return null;
  const part = (index: number, otherwise: number) => Number(match[index] ?? otherwise);
  const [year, month, day] = [part(1, 0), part(2, 1), part(3, 1)];
  const [hour, minute, second, offsetHour, offsetMinute] = [
    part(4, 0),
    part(5, 0),
    part(6, 0),
    part(9, 0),
    part(10, 0),
  ];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(month, year)) return null;
  if (hour > 23 || minute > 59 || second > (minute === 59 ? 60 : 59) || offsetHour > 23 || offsetMinute > 59)
    return null;
  const millisecond = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = (offsetHour * 60 + offsetMinute) * (match[8] === '-' ? -1 : 1);
  const time = ((hour * 60 + minute) * 60 + second) * 1000 + millisecond;
  return daysSinceEpoch(year, month, day) * DAY_MS + time - offset * MINUTE_MS;
}

function daysIn(month: number, year: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return isLeap ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function daysSinceEpoch(year: number, month: number, day: number): number {
  const gregorian = daysBefore(year, month, true) + day - 1;
  return gregorian >= GREGORIAN_START ? gregorian : daysBefore(year, month, false) + day - 1;
}

/** Days from 1970-01-01 (Gregorian) to the first of the month; the year is counted from March. */
function daysBefore(year: number, month: number, isGregorian: boolean): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = (month + 9) % 12;
  const century = Math.floor(marchYear / 100);
  const correction = isGregorian ? Math.floor(century / 4) - century : -2;
  const days = 365 * marchYear + Math.floor(marchYear / 4) + Math.floor((153 * marchMonth + 2) / 5);
  return days + correction - 719_468;
}

const MAX_UUID_LENGTH = 36;
const LONG_LIMIT = 1n << 63n;

/** `#uuid` as `java.util.UUID.fromString` takes it (five groups of any length), in its usual form; or null. */
export function parseUuid(text: string): string | null {
  const groups = text.split('-');
  if (text.length > MAX_UUID_LENGTH || groups.length !== 5) return null;
  const widths = [8, 4, 4, 4, 12];
  const parts: string[] = [];
  for (const [index, group] of groups.entries()) {
    const value = parseHexLong(group);
    if (value === null) return null;
    const width = widths[index] ?? 0;
    parts.push(
      BigInt.asUintN(width * 4, value)
        .toString(16)
        .padStart(width, '0'),
    );
  }
  return parts.join('-');
}

function parseHexLong(group: string): bigint | null {
  const digits = group.startsWith('+') ? group.slice(1) : group;
  if (digits === '') return null;
  let value = 0n;
  for (let i = 0; i < digits.length; i++) {
    const digit = digitOf(digits.charCodeAt(i), 16);
    if (digit === -1) return null;
    value = value * 16n + BigInt(digit);
  }
  return value < LONG_LIMIT ? value : null;
}
