/** Opens a tunnel and stays until it is ended; what both `access` commands share. */
import { createAccessFiles } from '../adapters/access-files.ts';
import { findProgram } from '../adapters/find-program.ts';
import { createLocalPorts } from '../adapters/local-ports.ts';
import { createSsh } from '../adapters/ssh-process.ts';
import { createTunnelCheck } from '../adapters/tunnel-check.ts';
import { keepTunnel, type TunnelParts } from '../app/tunnel.ts';
import { type CheckVerdict, checkUrl, judgeCheck } from '../core/tunnel/check.ts';
import type { Gateway, Transport, TunnelKind } from '../core/tunnel/target.ts';
import type { OperatorAws } from '../ports/operators.ts';
import type { AccessKeys, GatewayFinder, SshRun, TunnelCheck } from '../ports/tunnel.ts';
import type { AccessOptions } from './access.ts';
import { CliError } from './cli-error.ts';
import type { Cli } from './context.ts';
import { checkSystemName, findBucketName } from './system-find.ts';
import { openAws } from './system-options.ts';
import { explainTunnelFailure } from './tunnel-failure.ts';
import { createTunnelScreen } from './tunnel-screen.ts';

const CHECK_TIMEOUT_MS = 10_000;
const MAX_KEY_BYTES = 64 * 1024;

interface Wanted {
  readonly system: string;
  readonly kind: TunnelKind;
  readonly options: AccessOptions;
}

/** Resolves with the exit code. */
export async function openTunnel(cli: Cli, wanted: Wanted): Promise<number> {
  const { system, kind, options } = wanted;
  checkSystemName(system);
  const { port } = options;
  const transport = chooseTransport(options);
  const signal = cli.catchInterrupt();
  const aws = await openAws(cli, options);
  const env = await environmentFor(cli, aws, { options, transport });
  const url = checkUrl(kind, { system, region: await aws.region(), port });
  const check = createTunnelCheck({ url, socksPort: kind === 'client' ? port : null });
  const ports = createLocalPorts();
  if (options.check === true) {
    const taken = await ports.findProblem(port);
    if (taken?.kind === 'taken' && taken.name === 'ssh') {
      cli.stderr.write(`through the tunnel that is open on port ${port} (ssh, pid ${taken.pid})\n`);
      return await runCheck(cli, { kind, check, url, signal, run: null });
    }
  }

  const title = { system, kind, port, transport };
  const screen = await createTunnelScreen(cli, title, options.json === true);
  let gateway: Gateway | null = null;
  const tried = () => gateway;
  const parts: TunnelParts = {
    finder: createFinder(aws, system),
    keys: createKeys(cli, aws, { system, region: options.region ?? null }),
    ssh: createSsh({ env }),
    ports,
    check,
    clock: cli,
    random: Math.random,
    onState: (state) => {
      gateway = state.gateway;
      if (options.check !== true) screen.show(state);
    },
    onTick: screen.tick,
  };
  let exitCode = 0;
  const onUp = async (run: SshRun) => {
    if (options.check !== true) return false;
    exitCode = await runCheck(cli, { kind, check, url, signal, run });
    return true;
  };
  try {
    const wish = { kind, port, transport, extraOptions: options.ssho };
    const end = await keepTunnel(parts, wish, signal, onUp);
    if (end.kind === 'ended') return exitCode;
    if (end.error !== null) throw end.error;
    throw explainTunnelFailure(end.failure, { ...title, gateway: tried() });
  } finally {
    screen.end();
  }
}

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
  how: { readonly options: AccessOptions | { profile?: string }; readonly transport: Transport },
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

async function runCheck(
  cli: Cli,
  options: {
    readonly kind: TunnelKind;
    readonly check: TunnelCheck;
    readonly url: string;
    readonly signal: AbortSignal;
    readonly run: SshRun | null;
  },
): Promise<number> {
  const { kind, check, url, signal, run } = options;
  const result = await check.run(CHECK_TIMEOUT_MS, signal);
  const said = /open failed: (.+)/.exec(run?.said() ?? '')?.[1];
  const known = result.kind === 'refused' && said !== undefined ? { ...result, reason: said.trim() } : result;
  const verdict = judgeCheck(kind, known);
  if (result.kind === 'answered') cli.stdout.write(`${result.body.trim()}\n`);
  if (!verdict.isGood) throw failCheck(url, verdict);
  cli.stderr.write(`${verdict.meaning}\n`);
  return 0;
}

const failCheck = (url: string, { meaning, advice }: CheckVerdict) =>
  new CliError(69, `${meaning}, asked for ${url}`, advice);
