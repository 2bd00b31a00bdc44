/** Key files: what a person put, and what sshd is given. */
import { type PublicKey, readPublicKey } from './public-key.ts';

/** Larger is no list of keys. */
export const MAX_KEY_FILE_BYTES = 64 * 1024;
const MAX_KEYS = 100;

export interface KeyFile {
  readonly keys: readonly PublicKey[];
  /** What else was in it, one sentence each: `line 3 …`. Nothing of the line itself. */
  readonly ignored: readonly string[];
}

/** Blank lines and comments are neither. The order stays; a key that is named twice counts once. */
export function readKeyFile(text: string): KeyFile {
  const keys = new Map<string, PublicKey>();
  const ignored: string[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const read = readPublicKey(line);
    if (!read.isKey) ignored.push(`line ${index + 1} ${read.why}`);
    else if (keys.size < MAX_KEYS) keys.set(`${read.key.type} ${read.key.blob}`, read.key);
    else ignored.push(`line ${index + 1} is beyond the ${MAX_KEYS} keys that are taken`);
  }
  return { keys: [...keys.values()], ignored };
}

/** For ec2-user: each key restricted by itself too, beneath what sshd's configuration says of the user. */
export const renderClientKeys = (keys: readonly PublicKey[]): string =>
  render(keys, 'restrict,port-forwarding ');

export const renderAdminKeys = (keys: readonly PublicKey[]): string => render(keys, '');

function render(keys: readonly PublicKey[], options: string): string {
  const lines = keys.map(({ type, blob }) => `${options}${type} ${blob}\n`);
  return `# Written by gatewayctl access apply.\n${lines.join('')}`;
}

/** The line that the original CLI takes as known_hosts: any host, since the address changes with the instance. */
export function knownHostsLineOf(hostKeyFile: string): string | null {
  const [key, ...more] = readKeyFile(hostKeyFile).keys;
  return key === undefined || more.length > 0 ? null : `* ${key.type} ${key.blob}\n`;
}
