/** Why a tunnel is not up, and what to do about it, in one sentence each. */
import type { TunnelFailure } from '../core/tunnel/failure.ts';
import { type Gateway, hostOf, type Transport } from '../core/tunnel/target.ts';
import { CliError } from './cli-error.ts';
import { printable } from './print.ts';

export interface FailureContext {
  readonly system: string;
  readonly port: number;
  readonly transport: Transport;
  /** The gateway that was tried; null when none was found. */
  readonly gateway: Gateway | null;
}

export function explainTunnelFailure(failure: TunnelFailure, context: FailureContext): CliError {
  const { system, port, transport, gateway } = context;
  const detail = printable(failure.detail);
  const host = (gateway === null ? null : hostOf(gateway, transport)) ?? 'the gateway';
  const name = system;
  switch (failure.kind) {
    case 'absent':
      return new CliError(
        69,
        `no gateway of "${name}" is running`,
        `Start it with \`gatewayctl gateway enable ${name}\`.`,
      );
    case 'addressless': {
      const message = `the gateway ${detail} has no ${transport} address`;
      return new CliError(69, message, 'Use --private from inside its network, or --via ssm.');
    }
    case 'lookup':
      return new CliError(75, detail, 'Try again.');
    case 'key-unusable': {
      const advice = `\`gatewayctl gateway keys ${name}\` makes the access key; the host key is the gateway’s to put.`;
      return new CliError(69, `the keys cannot be used: ${detail}`, advice);
    }
    case 'host-key':
      return new CliError(
        77,
        `refused: ${host} does not show the host key that the bucket names for "${name}", so this may not be the gateway`,
        'If its instance was replaced, try again in a minute; if not, ask who runs it before you trust it.',
      );
    case 'access-key': {
      const advice = `After a rotation it takes the new key within a minute; else see \`gatewayctl gateway keys ${name}\`.`;
      return new CliError(77, `${host} does not accept the access key of the bucket`, advice);
    }
    case 'port-taken':
      return new CliError(73, `port ${port} is taken by ${detail}: another tunnel?`, 'Use --port.');
    case 'port-denied':
      return new CliError(73, `you may not listen on port ${port}`, 'Use --port with one above 1023.');
    case 'bad-option':
      return new CliError(2, `ssh does not take an option: ${detail}`, 'Correct --ssho.');
    case 'program-missing':
      return new CliError(69, `ssh cannot be started: ${detail}`, 'Install OpenSSH’s client.');
    case 'silent':
      return new CliError(75, `no answer from ${host} (${detail})`, adviseSilent(context));
    case 'refused':
      return new CliError(75, `${host} takes no connections`, 'It may be starting: try again in a minute.');
    case 'ssm-offline': {
      const advice = 'Its agent may be starting; if it lasts, check the instance role and the VPC endpoints.';
      return new CliError(75, `Session Manager does not reach ${host}`, advice);
    }
    case 'ssm-denied':
      return new CliError(77, `Session Manager: ${detail}`, 'Check the credentials and ssm:StartSession.');
    case 'lost':
    case 'ended':
      return new CliError(75, `the connection to ${host} ended: ${detail}`, 'Try again.');
  }
}

function adviseSilent({ system, transport }: FailureContext): string {
  switch (transport) {
    case 'public':
      return `Open TCP 22 for your address in the security group ${system}-bastion, or use --via ssm.`;
    case 'private':
      return 'Check the route into its network, or use --via ssm.';
    case 'ssm':
      return 'Check that sshd runs on the gateway.';
  }
}
