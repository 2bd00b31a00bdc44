import { expect, it } from 'vitest';
import { parseListeners } from '../../../agent/core/listening.ts';

const line = (address: string, state: string) =>
  `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 12345 1`;

it.each([
  ['loopback', '0100007F:231D', [{ port: 8989, isLoopback: true, inode: 12345 }]],
  ['another loopback address', '0A00007F:0050', [{ port: 80, isLoopback: true, inode: 12345 }]],
  ['all addresses', '00000000:231D', [{ port: 8989, isLoopback: false, inode: 12345 }]],
  ['one address', '0A01A8C0:231D', [{ port: 8989, isLoopback: false, inode: 12345 }]],
  [
    'loopback of IPv6',
    '00000000000000000000000001000000:231D',
    [{ port: 8989, isLoopback: true, inode: 12345 }],
  ],
  [
    'all addresses of IPv6',
    '00000000000000000000000000000000:231D',
    [{ port: 8989, isLoopback: false, inode: 12345 }],
  ],
  [
    'loopback in IPv6',
    '0000000000000000FFFF00000100007F:231D',
    [{ port: 8989, isLoopback: true, inode: 12345 }],
  ],
])('a socket that listens on %s', (_title, address, listeners) => {
  const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid';
  expect(parseListeners([header, line(address, '0A'), line(address, '01'), ''].join('\n'))).toEqual(
    listeners,
  );
});
