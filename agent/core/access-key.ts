/** The public half of the access key as the gateway installs it: a file like authorized_keys, a key a line. Pure. */

/** Lines with it were written here; others are a person's own and stay. */
const OUR_COMMENT = 'gatewayctl';
const KEY = /(?:^|\s)((?:ssh|ecdsa|sk)-[\w@.-]+) ([A-Za-z0-9+/]{40,}={0,3})(?=\s|$)/u;

/** Type and key of a line, without options and comment; null for what is no key. */
export function keyOfLine(line: string): string | null {
  const match = line.startsWith('#') ? null : KEY.exec(line);
  return match === null ? null : `${match[1]} ${match[2]}`;
}

export const commentFor = (system: string): string => `${OUR_COMMENT}:${system}`;

/** The file with exactly these keys of ours, in that order, after the lines that are a person's own. */
export function writeKeys(text: string, keys: readonly string[], system: string): string {
  const own = text
    .split(/\r?\n/u)
    .filter((line) => line.trim() !== '')
    .filter((line) => !isOurs(line, system) && !keys.includes(keyOfLine(line) ?? ''));
  return `${[...own, ...keys.map((key) => `${key} ${commentFor(system)}`)].join('\n')}\n`;
}

/** Whether the file lets this key in, and no key of ours beside it. */
export function holdsOnly(text: string, key: string, system: string): boolean {
  const lines = text.split(/\r?\n/u);
  const ours = lines.filter((line) => isOurs(line, system)).map(keyOfLine);
  return lines.some((line) => keyOfLine(line) === key) && ours.every((one) => one === key);
}

const isOurs = (line: string, system: string) =>
  keyOfLine(line) !== null && line.trimEnd().endsWith(` ${commentFor(system)}`);
