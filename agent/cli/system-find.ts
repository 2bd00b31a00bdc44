/** Finds what belongs to a system in AWS, or says what is wrong in one sentence. */
import { nearest } from '../core/nearest.ts';
import { isGroupName } from '../core/source/path.ts';
import type { GatewayInstance, OperatorAws } from '../ports/operators.ts';
import { CliError } from './cli-error.ts';
import { printable } from './print.ts';

/**
 * The system's bucket. Throws CliError 2 when no bucket, or more than one, has its tag: the original CLI took the
 * first of several.
 */
export async function findBucketName(aws: OperatorAws, system: string, signal: AbortSignal): Promise<string> {
  checkSystemName(system);
  const buckets = await aws.systems.bucketsOf(system, signal);
  const [bucket, other] = buckets;
  if (bucket === undefined) throw await explainUnknown(aws, system, signal);
  if (other !== undefined) {
    const names = buckets.map(printable).join(' and ');
    throw new CliError(
      2,
      `system "${system}" has ${buckets.length} buckets: ${names}`,
      'Remove the tag datomic:system from the one that is not its own.',
    );
  }
  return bucket;
}

/** The system's name becomes a part of keys and names: only what Datomic allows gets there. */
export function checkSystemName(system: string): void {
  if (isGroupName(system)) return;
  throw new CliError(2, `"${printable(system)}" is no name of a system`, 'Use letters, digits, "-" and "_".');
}

async function explainUnknown(aws: OperatorAws, system: string, signal: AbortSignal): Promise<CliError> {
  const [known, region] = [await aws.systems.list(signal), await aws.region()];
  const near = nearest(system, known);
  const message = `system "${system}" not found in ${printable(region)}`;
  if (near !== null) return new CliError(2, `${message}; did you mean "${printable(near)}"?`, '');
  const advice =
    known.length === 0
      ? 'There is no system at all: check account and region (-p, -r).'
      : `There ${known.length === 1 ? 'is' : 'are'} ${known.slice(0, 8).map(printable).join(', ')}${known.length > 8 ? ', …' : ''}: check name, account and region (-p, -r).`;
  return new CliError(2, message, advice);
}

/**
 * The gateway that runs, the newest when one replaces another. Throws CliError 69 when there is none, 75 when one is
 * about to start.
 */
export async function findGateway(
  aws: OperatorAws,
  system: string,
  signal: AbortSignal,
): Promise<GatewayInstance> {
  checkSystemName(system);
  const found = await aws.instances.find(system, signal);
  const running = found.find(({ state }) => state === 'running');
  if (running !== undefined) return running;
  const [pending] = found;
  if (pending !== undefined) {
    throw new CliError(75, `the gateway ${pending.id} of "${system}" is starting`, 'Try again in a minute.');
  }
  // A name that was mistyped is the likelier reason.
  await findBucketName(aws, system, signal);
  const region = printable(await aws.region());
  throw new CliError(
    69,
    `no gateway of "${system}" is running in ${region}`,
    `Start it with \`gatewayctl gateway enable ${system}\`, or check name, account and region (-p, -r).`,
  );
}
