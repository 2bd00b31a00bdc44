/** Pure parsing of settings' values. Each parser gives null for text that it does not accept. */

const DURATION = /^(\d{1,15})(ms|s|m|h)$/;
const MS_PER = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
/** Timers overflow at 2^31 ms and would fire at once. */
const MAX_DURATION_MS = 500 * MS_PER.h;

const SIZE = /^(\d{1,15})(B|KiB|MiB|GiB)$/;
const BYTES_PER = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** `500ms`, `2s`, `5m`, `1h` in milliseconds; null for anything else and for more than `500h`. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text);
  if (match === null) return null;
  const ms = Number(match[1]) * MS_PER[match[2] as keyof typeof MS_PER];
  return ms <= MAX_DURATION_MS ? ms : null;
}

/** `512KiB`, `64MiB`, `8GiB`, `100B` in bytes; null for anything else and for what no number holds exactly. */
export function parseSize(text: string): number | null {
  const match = SIZE.exec(text);
  if (match === null) return null;
  const bytes = Number(match[1]) * BYTES_PER[match[2] as keyof typeof BYTES_PER];
  return Number.isSafeInteger(bytes) ? bytes : null;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8991`, `localhost:0` or `[::1]:8991`; null for anything else. */
export function parseAddress(text: string): Address | null {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const port = Number(match[3]);
  return port <= 65_535 ? { host: match[1] ?? match[2] ?? '', port } : null;
}

/** Scheme, host and port of `http://127.0.0.1:8989` (no path, no user); null for anything else. */
export function parseHttpOrigin(text: string): Address | null {
  const match = /^(https?):\/\/(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?\/?$/.exec(text);
  if (match === null) return null;
  const port = match[3] ?? (match[1] === 'https' ? '443' : '80');
  return parseAddress(`${match[2]}:${port}`);
}
