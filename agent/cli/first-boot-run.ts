import { type LaunchData, metadataEndpoint, readLaunchData } from '../adapters/instance-metadata.ts';
import { runCommand } from '../adapters/run-command.ts';
import { readSettingsText, writeSettingsText } from '../adapters/settings-file.ts';
import { isUnconfigured, planFirstBoot, SOURCE_TAG, SYSTEM_TAG } from '../core/first-boot.ts';
import { DEFAULT_SETTINGS_FILE, loadSettings } from '../settings.ts';
import { CliError } from './cli-error.ts';
import type { Cli } from './context.ts';
import { SHIPPER, SHIPPER_UNIT, shipLogs } from './ship-logs.ts';

const ASK_TIMEOUT_MS = 2_000;
const ASK_EVERY_MS = 1_000;
const TEMPORARY = 75;

export interface FirstBootOptions {
  readonly wait: number;
  readonly shipped: string;
  readonly shipper?: string;
  readonly restart?: string;
}

/** Resolves with the exit code. Killed anywhere and run again, it ends in the same state. */
export async function runFirstBoot(cli: Cli, options: FirstBootOptions): Promise<number> {
  const path = cli.configFile() ?? DEFAULT_SETTINGS_FILE;
  const [file, shipped] = await Promise.all([readSettingsText(path), readSettingsText(options.shipped)]);
  if (!isUnconfigured(file, shipped)) return done(cli, `${path} is configured already: nothing to do`);

  const endpoint = metadataEndpoint(cli.env);
  if (endpoint === null) return done(cli, 'instance metadata is turned off: nothing to do');
  const launch = await waitForLaunchData(cli, endpoint, options.wait);
  if (launch === null) {
    cli.stderr.write(
      `gatewayctl: instance metadata does not answer yet; tried again later   [${TEMPORARY}]\n`,
    );
    return TEMPORARY;
  }
  const plan = planFirstBoot({
    region: launch.identity.region,
    userData: launch.userData,
    systemTag: launch.tags[SYSTEM_TAG] ?? null,
    sourceTag: launch.tags[SOURCE_TAG] ?? null,
  });
  if (plan.kind === 'nothing') return done(cli, `${plan.reason}: ${path} stays as it was shipped`);
  if (plan.kind === 'refused') throw new CliError(78, plan.problem, 'Correct the user data of the instance.');

  const { text, from } = plan;
  // Settings that the agent would refuse must not take the place of shipped ones that it runs with.
  loadSettings({ file: from, env: {}, readFile: () => text });
  // Before the settings, after which nothing is left to do: killed in between, all of it is done again.
  const isShipping = await shipLogs(cli, launch, { settings: path, shipper: options.shipper ?? SHIPPER });
  if (isShipping && options.restart !== undefined) {
    // A log that is not sent keeps no gateway from being set up.
    await restart(SHIPPER_UNIT).catch((error: Error) => cli.stderr.write(`gatewayctl: ${error.message}\n`));
  }
  await writeSettingsText(path, text);
  if (options.restart !== undefined) await restart(options.restart);
  return done(cli, `${path} was written from ${from}`);
}

async function waitForLaunchData(cli: Cli, endpoint: string, waitMs: number): Promise<LaunchData | null> {
  const until = cli.now() + waitMs;
  const signal = cli.catchInterrupt();
  for (;;) {
    const tags = [SYSTEM_TAG, SOURCE_TAG];
    const launch = await readLaunchData({ endpoint, timeoutMs: ASK_TIMEOUT_MS, tags });
    if (launch !== null || signal.aborted || cli.now() >= until) return launch;
    await cli.sleep(ASK_EVERY_MS, signal);
  }
}

/** Not waited for: the unit says itself how it is. */
async function restart(unit: string): Promise<void> {
  const { status, stderr } = await runCommand('systemctl', ['--no-block', 'restart', unit]);
  if (status === 0) return;
  throw new CliError(69, `${unit} cannot be restarted: ${stderr.trim()}`, `Run systemctl restart ${unit}.`);
}

function done(cli: Cli, sentence: string): number {
  cli.stdout.write(`${sentence}\n`);
  return 0;
}
