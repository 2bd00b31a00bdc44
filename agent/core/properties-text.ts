/**
 * A value as it must stand in a properties file, so that Java reads exactly this text: backslashes doubled, what
 * is not printable ASCII as `\uXXXX` (the file is read as ISO-8859-1), a leading blank escaped.
 */
export function escapePropertyValue(value: string): string {
  const escaped = value.replace(/[\\]|[^\x20-\x7e]/g, (unit) =>
    unit === '\\' ? '\\\\' : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return escaped.startsWith(' ') ? `\\${escaped}` : escaped;
}

/** A whole properties file in the given order, with a comment above. */
export function renderProperties(
  comment: string,
  entries: readonly (readonly [key: string, value: string])[],
): string {
  const lines = entries.map(([key, value]) => `${key}=${escapePropertyValue(value)}`);
  return [`# ${comment}`, ...lines, ''].join('\n');
}
