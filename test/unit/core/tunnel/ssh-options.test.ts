import { describe, expect, it } from 'vitest';
import {
  remoteCommandArguments,
  type SshCall,
  tunnelArguments,
} from '../../../../agent/core/tunnel/ssh-options.ts';

const CALL: SshCall = {
  host: '203.0.113.7',
  keyFile: '/home/jo doe/.ssh/datomic-default-acme-bastion',
  hostKeyFile: '/home/jo doe/.ssh/datomic-default-acme-bastion.hostkey',
  transport: 'public',
  extraOptions: [],
};
const optionsOf = (args: readonly string[]) => args.filter((_arg, index) => args[index - 1] === '-o');

describe('arguments of ssh', () => {
  it('trust the key of the bucket and nothing else, offer one key, and never ask', () => {
    expect(optionsOf(tunnelArguments(CALL, { kind: 'client', port: 8182 }))).toEqual(
      expect.arrayContaining([
        'StrictHostKeyChecking=yes',
        'UserKnownHostsFile="/home/jo doe/.ssh/datomic-default-acme-bastion.hostkey"',
        'GlobalKnownHostsFile=/dev/null',
        'IdentitiesOnly=yes',
        'IdentityAgent=none',
        'BatchMode=yes',
        'ExitOnForwardFailure=yes',
        'ControlPath=none',
      ]),
    );
  });

  it('forward to loopback alone', () => {
    expect(tunnelArguments(CALL, { kind: 'client', port: 8182 })).toEqual(
      expect.arrayContaining(['-D', '127.0.0.1:8182']),
    );
    expect(tunnelArguments(CALL, { kind: 'analytics', port: 9000 })).toEqual(
      expect.arrayContaining(['-L', '127.0.0.1:9000:localhost:8989']),
    );
  });

  it('put what a person says first, because ssh takes the first value', () => {
    const options = optionsOf(
      remoteCommandArguments({ ...CALL, extraOptions: ['User=me', 'Port=2222'] }, 'true'),
    );
    expect(options.slice(0, 3)).toEqual(['User=me', 'Port=2222', 'User=ec2-user']);
  });

  it('open a session to the instance over Session Manager', () => {
    const args = tunnelArguments(
      { ...CALL, host: 'i-0abc', transport: 'ssm' },
      { kind: 'client', port: 8182 },
    );
    expect(optionsOf(args)).toContain(
      'ProxyCommand=aws ssm start-session --target %h --document-name AWS-StartSSHSession --parameters portNumber=%p',
    );
    expect(args.at(-1)).toBe('i-0abc');
  });
});
