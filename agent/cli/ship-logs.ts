import { dirname, join } from 'node:path';
import type { LaunchData } from '../adapters/instance-metadata.ts';
import { readSettingsText, writeSettingsText } from '../adapters/settings-file.ts';
import { readLogWish, renderShipperConfig } from '../core/log-shipping.ts';
import type { Cli } from './context.ts';

export const SHIPPER_UNIT = 'amazon-cloudwatch-agent.service';
/** What the bake puts beside its unit. */
export const SHIPPER = `/etc/systemd/system/${SHIPPER_UNIT}.d/gateway.conf`;
const CONFIG = 'cloudwatch-agent.json';

/**
 * Hands the log to the CloudWatch agent, where that was asked for; true when it has something new to read. A log that
 * goes nowhere is said and keeps nobody from working. `shipper` is a file that only an image with that agent has.
 */
export async function shipLogs(
  cli: Cli,
  launch: LaunchData,
  { settings, shipper }: { readonly settings: string; readonly shipper: string },
): Promise<boolean> {
  const wish = readLogWish(launch.userData);
  if (wish.kind === 'none') return false;
  if (wish.kind === 'unusable') {
    cli.stderr.write(`gatewayctl: ${wish.problem}; the log stays in the journal of this machine\n`);
    return false;
  }
  if ((await readSettingsText(shipper)) === null) {
    cli.stderr.write(
      `gatewayctl: the log should go to ${wish.group} in CloudWatch, and this image has nothing that sends it; it ` +
        'stays in the journal of this machine. Bake an image with log_shipper=cloudwatch.\n',
    );
    return false;
  }
  await writeSettingsText(
    join(dirname(settings), CONFIG),
    renderShipperConfig(wish.group, launch.identity.region),
  );
  cli.stdout.write(`the log goes to ${wish.group} in CloudWatch\n`);
  return true;
}
