/** Restarts as the original CLI did: one command over ssh, and nobody waits for what comes of it. */
import { runSsh } from '../adapters/ssh-process.ts';
import { judgeSshEnd } from '../core/tunnel/failure.ts';
import { remoteCommandArguments } from '../core/tunnel/ssh-options.ts';
import { hostOf } from '../core/tunnel/target.ts';
import { CliError } from './cli-error.ts';
import type { Cli } from './context.ts';
import { printable } from './print.ts';
import { findGateway } from './system-find.ts';
import { openAws, type SystemOptions } from './system-options.ts';
import { explainTunnelFailure } from './tunnel-failure.ts';
import { chooseTransport, createKeys, environmentFor } from './tunnel-parts.ts';

/** Word for word what the original sends; the gateway takes exactly this. */
const STOP = 'sudo "/opt/datomic/presto-stop"';
const SSH_FAILED = 255;

export interface SshRestartOptions extends SystemOptions {
  readonly ssho: readonly string[];
  readonly private?: boolean;
  readonly via?: 'ssm';
}

/** Resolves with the exit code. */
export async function restartOverSsh(cli: Cli, system: string, options: SshRestartOptions): Promise<number> {
  const transport = chooseTransport(options);
  const signal = cli.catchInterrupt();
  const aws = await openAws(cli, options);
  const env = await environmentFor(cli, aws, { options, transport });
  const found = await findGateway(aws, system, signal);
  const gateway = { instance: found.id, publicAddress: found.publicIp, privateAddress: found.privateIp };
  const context = { system, port: 22, transport, gateway };
  const host = hostOf(gateway, transport);
  if (host === null) throw explainTunnelFailure({ kind: 'addressless', detail: gateway.instance }, context);
  const keys = createKeys(cli, aws, { system, region: options.region ?? null });
  const files = await keys.refresh(signal);
  if ('unusable' in files)
    throw explainTunnelFailure({ kind: 'key-unusable', detail: files.unusable }, context);

  const call = { host, transport, extraOptions: options.ssho, ...files };
  const { status, stderr } = await runSsh(remoteCommandArguments(call, STOP), env, signal);
  if (status === 0) {
    cli.stdout.write('Access Gateway is restarting\n');
    return 0;
  }
  const failure = judgeSshEnd(stderr);
  if (status === null || status === SSH_FAILED) throw explainTunnelFailure(failure, context);
  throw new CliError(
    69,
    `${gateway.instance} did not take the restart (exit code ${status}): ${printable(failure.detail)}`,
    `See \`gatewayctl gateway status ${system}\`.`,
  );
}
