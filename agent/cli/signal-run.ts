import { type LaunchData, metadataEndpoint, readLaunchData } from '../adapters/instance-metadata.ts';
import { isProcessAlive } from '../adapters/process-alive.ts';
import { runCommand } from '../adapters/run-command.ts';
import { readSettingsText } from '../adapters/settings-file.ts';
import { isUnconfigured } from '../core/first-boot.ts';
import { type Arrival, judgeArrival, readSignalTarget, type SignalTarget } from '../core/stack-signal.ts';
import { DEFAULT_SETTINGS_FILE } from '../settings.ts';
import { CliError } from './cli-error.ts';
import { loadCliSettings } from './cli-settings.ts';
import type { Cli } from './context.ts';
import { readStatus } from './status-file.ts';

const FIRST_BOOT = 'gateway-first-boot.service';
const ASK_TIMEOUT_MS = 2_000;
const LOOK_EVERY_MS = 1_000;
const REFUSED = 78;

export interface SignalOptions {
  readonly wait: number;
  readonly shipped: string;
}

/** Resolves with the exit code. Run twice it says the same twice, which a stack counts once. */
export async function runSignal(cli: Cli, options: SignalOptions): Promise<number> {
  const until = cli.now() + options.wait;
  const signal = cli.catchInterrupt();
  const pause = async (): Promise<boolean> => {
    if (signal.aborted || cli.now() >= until) return false;
    await cli.sleep(LOOK_EVERY_MS, signal);
    return !signal.aborted;
  };

  const endpoint = metadataEndpoint(cli.env);
  if (endpoint === null) return done(cli, 'instance metadata is turned off: nobody waits');
  let launch: LaunchData | null = null;
  do launch = await readLaunchData({ endpoint, timeoutMs: ASK_TIMEOUT_MS, tags: [] });
  while (launch === null && (await pause()));
  if (launch === null) throw new CliError(75, 'instance metadata does not answer', 'It is tried again.');
  const target = readSignalTarget(launch.userData);
  if (target === null) return done(cli, 'the user data names no stack: nobody waits');

  for (;;) {
    const verdict = judgeArrival(await observe(cli, options));
    if (verdict.kind === 'success') return await say(cli, { target, launch, failure: null, pause });
    if (verdict.kind === 'failure') {
      return await say(cli, { target, launch, failure: verdict.reason, pause });
    }
    if (await pause()) continue;
    if (signal.aborted) throw new CliError(75, 'interrupted', 'Run it again.');
    return await say(cli, { target, launch, failure: verdict.reason, pause });
  }
}

async function observe(cli: Cli, options: SignalOptions): Promise<Arrival> {
  const [file, shipped, isRefused] = await Promise.all([
    readSettingsText(cli.configFile() ?? DEFAULT_SETTINGS_FILE),
    readSettingsText(options.shipped),
    hasRefused(),
  ]);
  if (isUnconfigured(file, shipped)) return { isRefused, isConfigured: false, system: null, agent: null };
  const { settings, layout } = loadCliSettings(cli);
  const agent = findLivingAgent(cli, layout.statusFile, settings.source.listIntervalMs);
  return { isRefused, isConfigured: true, system: settings.system, agent };
}

/** Null when no living agent has written a fresh status. */
function findLivingAgent(cli: Cli, path: string, listIntervalMs: number): Arrival['agent'] {
  try {
    const { status, staleness } = readStatus({
      path,
      readText: cli.readText,
      now: cli.now(),
      listIntervalMs,
    });
    return staleness === null && isProcessAlive(status.agent.pid) ? { system: status.system } : null;
  } catch (error) {
    // 69: none there yet. What may not be read will not be readable later.
    if (error instanceof CliError && error.exitCode === 69) return null;
    throw error;
  }
}

async function hasRefused(): Promise<boolean> {
  const { stdout } = await runCommand('systemctl', [
    'show',
    '--property=ExecMainStatus',
    '--value',
    FIRST_BOOT,
  ]);
  return Number(stdout.trim()) === REFUSED;
}

async function say(
  cli: Cli,
  about: {
    readonly target: SignalTarget;
    readonly launch: LaunchData;
    readonly failure: string | null;
    readonly pause: () => Promise<boolean>;
  },
): Promise<number> {
  const { target, launch, failure, pause } = about;
  const { sendStackSignal } = await import('../adapters/stack-signal.ts');
  for (;;) {
    try {
      const outcome = await sendStackSignal({
        target,
        region: launch.identity.region,
        instanceId: launch.identity.id,
        isSuccess: failure === null,
        signal: cli.catchInterrupt(),
      });
      if (outcome === 'not-waiting') return done(cli, 'the stack does not wait for this instance any more');
      if (failure === null) return done(cli, 'told the stack that this instance works');
      throw new CliError(69, `told the stack that this instance failed: ${failure}`, 'Read journalctl -b.');
    } catch (error) {
      // Throttling and outages pass; the unit tries again what is left.
      const isPassing =
        (error as { readonly code?: unknown }).code !== 'AWS_DENIED' && !(error instanceof CliError);
      if (!isPassing || !(await pause())) throw error;
    }
  }
}

function done(cli: Cli, sentence: string): number {
  cli.stdout.write(`${sentence}\n`);
  return 0;
}
