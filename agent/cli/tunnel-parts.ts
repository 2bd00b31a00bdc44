/** What every way over ssh needs: the address, the keys, the programs. */
import { createAccessFiles } from '../adapters/access-files.ts';
import { findProgram } from '../adapters/find-program.ts';
import type { Gateway, Transport } from '../core/tunnel/target.ts';
import type { OperatorAws } from '../ports/operators.ts';
import type { AccessKeys, GatewayFinder } from '../ports/tunnel.ts';
import { CliError } from './cli-error.ts';
import type { Cli } from './context.ts';
import { findBucketName } from './system-find.ts';
import type { SystemOptions } from './system-options.ts';

const MAX_KEY_BYTES = 64 * 1024;

export function chooseTransport(options: { readonly private?: boolean; readonly via?: 'ssm' }): Transport {
  if (options.via === undefined) return options.private === true ? 'private' : 'public';
  if (options.private === true)
    throw new CliError(2, '--private and --via exclude each other', 'Give one of them.');
  return 'ssm';
}

/** Session Manager's ssh proxy is the aws program: it is told of profile and region by its own variables. */
export async function environmentFor(
  cli: Cli,
  aws: OperatorAws,
  how: { readonly options: SystemOptions; readonly transport: Transport },
): Promise<Cli['env']> {
  await requireProgram(cli, 'ssh', 'Install the OpenSSH client.');
  if (how.transport !== 'ssm') return cli.env;
  await requireProgram(cli, 'aws', 'Install the AWS CLI, version 2: --via ssm uses it.');
  await requireProgram(cli, 'session-manager-plugin', 'Install the Session Manager plugin of the AWS CLI.');
  const { profile } = how.options;
  return {
    ...cli.env,
    AWS_REGION: await aws.region(),
    ...(profile === undefined ? {} : { AWS_PROFILE: profile }),
  };
}

async function requireProgram(cli: Cli, name: string, advice: string): Promise<void> {
  if ((await findProgram(name, cli.env.PATH)) === null) throw new CliError(69, `no ${name} in PATH`, advice);
}

export function createFinder(aws: OperatorAws, system: string): GatewayFinder {
  return {
    async find(signal): Promise<Gateway | null> {
      const found = await aws.instances.find(system, signal);
      const running = found.find(({ state }) => state === 'running');
      if (running === undefined) return null;
      return { instance: running.id, publicAddress: running.publicIp, privateAddress: running.privateIp };
    },
  };
}

/** The bucket of a system does not change while a tunnel is open; what lies in it does. */
export function createKeys(
  cli: Cli,
  aws: OperatorAws,
  options: { readonly system: string; readonly region: string | null },
): AccessKeys {
  let name: string | null = null;
  return createAccessFiles({
    ...options,
    home: cli.env.HOME,
    read: async (key, signal) => {
      name ??= await findBucketName(aws, options.system, signal);
      const object = await aws.bucket(name).read(key, { maxBytes: MAX_KEY_BYTES }, signal);
      return object === null ? null : new TextDecoder().decode(object.bytes);
    },
  });
}
