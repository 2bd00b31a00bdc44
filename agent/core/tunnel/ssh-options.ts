/** How the system's ssh is called for a tunnel, and for the original way of restarting. */
import type { Transport, TunnelKind } from './target.ts';

/** The user that the original CLI logs in as. */
const USER = 'ec2-user';
/** Where the analytics process listens on the gateway. */
export const ANALYTICS_PORT = 8989;
/** ssh prints this when it is through and its forwarding stands. */
export const UP_MARK = 'gateway-tunnel-up';

export interface SshCall {
  /** Address of the gateway, or its instance id over Session Manager. */
  readonly host: string;
  readonly keyFile: string;
  readonly hostKeyFile: string;
  readonly transport: Transport;
  /** `OPTION=VALUE` of `--ssho`. They come first: ssh takes the first value that it is told. */
  readonly extraOptions: readonly string[];
}

/**
 * What holds for each connection, as words of ssh_config. It trusts the one known_hosts line of the bucket and knows
 * no other, offers the one key, and never asks anybody. The person's own configuration still counts for what is not
 * named here (a jump host, a cipher); what in it would take the connection out of our hands is named.
 */
function commonOptions({ keyFile, hostKeyFile, transport }: SshCall): readonly string[] {
  return [
    `User=${USER}`,
    `IdentityFile=${quote(keyFile)}`,
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'ForwardAgent=no',
    'BatchMode=yes',
    `UserKnownHostsFile=${quote(hostKeyFile)}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    // The file is the gateway's word: ssh must not write into it.
    'UpdateHostKeys=no',
    'CheckHostIP=no',
    // A shared connection would outlive this one, and take its forwarding along.
    'ControlMaster=no',
    'ControlPath=none',
    // Both are noticed within 15 s: a server that is gone, and a network that swallows everything.
    'ConnectTimeout=10',
    'ServerAliveInterval=5',
    'ServerAliveCountMax=3',
    'ExitOnForwardFailure=yes',
    // What happened is read from what it says; a quieter or louder configuration would hide that.
    'LogLevel=INFO',
    ...(transport === 'ssm' ? [`ProxyCommand=${SSM_PROXY}`] : []),
  ];
}

/** Profile and region come from the environment, so nothing in here needs quoting. */
const SSM_PROXY =
  'aws ssm start-session --target %h --document-name AWS-StartSSHSession --parameters portNumber=%p';

/** ssh_config reads a value with blanks only in quotes, and expands `%` in names of files. */
function quote(file: string): string {
  return `"${file.replaceAll('%', '%%')}"`;
}

const asArguments = (options: readonly string[]) => options.flatMap((option) => ['-o', option]);

/** Arguments of ssh for a tunnel: SOCKS for clients, one forward for analytics. */
export function tunnelArguments(call: SshCall, tunnel: { kind: TunnelKind; port: number }): string[] {
  const forward =
    tunnel.kind === 'client'
      ? ['-D', `127.0.0.1:${tunnel.port}`]
      : ['-L', `127.0.0.1:${tunnel.port}:localhost:${ANALYTICS_PORT}`];
  const announce = ['PermitLocalCommand=yes', `LocalCommand=echo ${UP_MARK}`];
  return [
    ...['-N', '-T', '-C'],
    ...asArguments([...call.extraOptions, ...commonOptions(call), ...announce]),
    ...forward,
    call.host,
  ];
}

/** Arguments of ssh for one command on the gateway, sent as the original CLI sends it. */
export function remoteCommandArguments(call: SshCall, command: string): string[] {
  return ['-T', ...asArguments([...call.extraOptions, ...commonOptions(call)]), call.host, command];
}
