/** Opens a tunnel and stays until it is ended; what both `access` commands share. */
import { createLocalPorts } from '../adapters/local-ports.ts';
import { createSsh } from '../adapters/ssh-process.ts';
import { createTunnelCheck } from '../adapters/tunnel-check.ts';
import { keepTunnel, type TunnelParts } from '../app/tunnel.ts';
import { type CheckVerdict, checkUrl, judgeCheck } from '../core/tunnel/check.ts';
import type { Gateway, TunnelKind } from '../core/tunnel/target.ts';
import type { SshRun, TunnelCheck } from '../ports/tunnel.ts';
import { CliError } from './cli-error.ts';
import type { Cli } from './context.ts';
import { checkSystemName } from './system-find.ts';
import { openAws, type SystemOptions } from './system-options.ts';
import { explainTunnelFailure } from './tunnel-failure.ts';
import { chooseTransport, createFinder, createKeys, environmentFor } from './tunnel-parts.ts';
import { createTunnelScreen } from './tunnel-screen.ts';

const CHECK_TIMEOUT_MS = 10_000;

export interface AccessOptions extends SystemOptions {
  readonly port: number;
  readonly ssho: readonly string[];
  readonly private?: boolean;
  readonly via?: 'ssm';
  readonly check?: boolean;
  readonly json?: boolean;
}

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
