/** ISO 8601 UTC text to and from milliseconds since the epoch. `Date` here only calculates: the clock is a port. */
const PATTERN = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/;

/** Milliseconds since the epoch, or null when the text is no valid UTC instant of the years 0000 to 9999. */
export function parseInstant(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, seconds = '', fraction = ''] = match;
  const at = Date.parse(`${seconds}Z`);
  // `Date` takes the 30th of February for a day in March.
  if (Number.isNaN(at) || !printInstant(at).startsWith(seconds)) return null;
  return at + Number(fraction.padEnd(3, '0').slice(0, 3));
}

/** `2026-01-31T12:00:00.000Z`, for the years 0000 to 9999. */
export function printInstant(at: number): string {
  return new Date(at).toISOString();
}
