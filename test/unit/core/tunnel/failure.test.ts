import { expect, it } from 'vitest';
import { judgeSshEnd, type TunnelFailureKind } from '../../../../agent/core/tunnel/failure.ts';

it.each<[TunnelFailureKind, string]>([
  [
    'host-key',
    'No ED25519 host key is known for 203.0.113.7 and you have requested strict checking.\r\nHost key verification failed.',
  ],
  ['host-key', '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.'],
  ['access-key', 'ec2-user@203.0.113.7: Permission denied (publickey).'],
  ['access-key', 'Received disconnect from 203.0.113.7 port 22:2: Too many authentication failures'],
  ['key-unusable', 'Load key "/home/u/.ssh/datomic-default-acme-bastion": invalid format'],
  [
    'port-taken',
    'bind [127.0.0.1]:8182: Address already in use\nchannel_setup_fwd_listener_tcpip: cannot listen to port: 8182\nCould not request local forwarding.',
  ],
  ['bad-option', 'command-line: line 0: Bad configuration option: compresion'],
  ['silent', 'ssh: connect to host 203.0.113.7 port 22: Connection timed out'],
  ['silent', 'Connection timed out during banner exchange'],
  ['silent', 'ssh: connect to host 203.0.113.7 port 22: No route to host'],
  ['refused', 'ssh: connect to host 203.0.113.7 port 22: Connection refused'],
  ['lost', 'Timeout, server 203.0.113.7 not responding.'],
  [
    'ssm-offline',
    'An error occurred (TargetNotConnected) when calling the StartSession operation: i-0abc is not connected.\nConnection closed by UNKNOWN port 65535',
  ],
  [
    'ssm-denied',
    'An error occurred (AccessDeniedException) when calling the StartSession operation: User: x is not authorized',
  ],
  ['ssm-denied', 'Unable to locate credentials. You can configure credentials by running "aws configure".'],
  ['program-missing', 'SessionManagerPlugin is not found. Please refer to the documentation'],
  ['ended', 'Connection to 203.0.113.7 closed by remote host.'],
  ['ended', ''],
])('%s: %s', (kind, said) => {
  const failure = judgeSshEnd(said);
  expect(failure.kind).toBe(kind);
  expect(failure.detail).not.toBe('');
  expect(failure.detail).not.toMatch(/[\r\n]/);
});
