/** A TCP socket that takes connections. */
export interface Listener {
  readonly port: number;
  readonly isLoopback: boolean;
  /** Names the socket among those that a process holds. */
  readonly inode: number;
}

const LISTENING = '0A';
const LINE = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F:]+ ([0-9A-F]{2}) (?:\S+\s+){5}(\d+) /;
/** Addresses are words in the byte order of the machine; all that this runs on have the lowest byte first. */
const LOOPBACK_V4 = /^[0-9A-F]{6}7F$/;
const LOOPBACK_V6 = '00000000000000000000000001000000';
const MAPPED_LOOPBACK = /^0000000000000000FFFF0000[0-9A-F]{6}7F$/;

/** Reads `/proc/net/tcp` or `/proc/net/tcp6`; lines of another form are left out. */
export function parseListeners(text: string): readonly Listener[] {
  return text.split('\n').flatMap((line) => {
    const [, address = '', port = '', state, inode] = LINE.exec(line) ?? [];
    if (state !== LISTENING) return [];
    const isLoopback = LOOPBACK_V4.test(address) || address === LOOPBACK_V6 || MAPPED_LOOPBACK.test(address);
    return [{ port: Number.parseInt(port, 16), isLoopback, inode: Number(inode) }];
  });
}
