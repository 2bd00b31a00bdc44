/** Sets the scaling group of a gateway to one instance or none, and follows it there. */
import { statusPrefix } from '../core/system-keys.ts';
import type { Bucket, OperatorAws } from '../ports/operators.ts';
import type { ScalingGroup } from '../ports/remote-control.ts';
import { CliError } from './cli-error.ts';
import type { Cli } from './context.ts';
import { printable, printSpan } from './print.ts';
import { createProgressLine } from './progress-line.ts';
import { checkSystemName, findBucketName } from './system-find.ts';
import { openAws, type SystemOptions } from './system-options.ts';

const LOOK_EVERY_MS = 3_000;
const MAX_STATUS_BYTES = 4 * 1024 * 1024;
const TEMPORARY = 75;

export interface SizeOptions extends SystemOptions {
  readonly wait?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
}

export interface SizeWish {
  readonly system: string;
  readonly size: 0 | 1;
  readonly options: SizeOptions;
}

/** Resolves with the exit code. Done twice it does nothing the second time. */
export async function resizeGateway(cli: Cli, wish: SizeWish): Promise<number> {
  const { system, size, options } = wish;
  checkSystemName(system);
  const signal = cli.catchInterrupt();
  const aws = await openAws(cli, options);
  const group = await findGroup(aws, system, signal);
  const before = await lookAt(aws, group, signal);
  if (size > before.maximum) {
    const advice = 'Raise its maximum in the stack.';
    throw new CliError(69, `the scaling group ${printable(group)} may have no instance (maximum 0)`, advice);
  }
  const isAsWanted = before.minimum === size && before.desired === size;
  if (!isAsWanted) await aws.groups.resize(group, size, signal);
  cli.stderr.write(describeStep(wish, { group, isAsWanted }));
  const instance = options.wait === true ? await follow(cli, aws, { wish, group, signal }) : null;
  if (signal.aborted) return TEMPORARY;
  if (options.json === true) {
    cli.stdout.write(`${JSON.stringify({ system, group, size, changed: !isAsWanted, instance })}\n`);
  } else if (options.wait === true) {
    cli.stdout.write(
      size === 1 ? `${instance} is in service and has put its status\n` : 'the gateway is gone\n',
    );
  }
  return 0;
}

const describeStep = ({ system, size }: SizeWish, done: { group: string; isAsWanted: boolean }): string => {
  const word = size === 1 ? 'enabled' : 'disabled';
  const group = printable(done.group);
  return done.isAsWanted
    ? `the gateway of ${system} was ${word} before (scaling group ${group})\n`
    : `${word} the gateway of ${system} (scaling group ${group}); this takes a few minutes\n`;
};

async function findGroup(aws: OperatorAws, system: string, signal: AbortSignal): Promise<string> {
  const groups = await aws.groups.find(system, signal);
  const [group, other] = groups;
  if (group === undefined) {
    // Whoever mistyped the name is told so: this looks at the systems that there are.
    await findBucketName(aws, system, signal);
    const advice = 'The stack of the gateway makes it; or check account and region (-p, -r).';
    throw new CliError(69, `no scaling group has a tag of the value "${system}-bastion"`, advice);
  }
  if (other !== undefined) {
    const advice = 'Remove the tag from the one that is not its own.';
    throw new CliError(
      2,
      `"${system}" has several scaling groups: ${groups.map(printable).join(', ')}`,
      advice,
    );
  }
  return group;
}

async function lookAt(aws: OperatorAws, group: string, signal: AbortSignal): Promise<ScalingGroup> {
  const found = await aws.groups.look(group, signal);
  if (found !== null) return found;
  throw new CliError(69, `the scaling group ${printable(group)} is gone`, 'Was its stack deleted?');
}

/** Resolves with the instance that is in service, or null when none is left. */
async function follow(
  cli: Cli,
  aws: OperatorAws,
  about: { readonly wish: SizeWish; readonly group: string; readonly signal: AbortSignal },
): Promise<string | null> {
  const { wish, group, signal } = about;
  const { system, size, options } = wish;
  const bucket = size === 1 ? aws.bucket(await findBucketName(aws, system, signal)) : null;
  const progress = await createProgressLine(cli);
  const until = cli.now() + options.timeout;
  try {
    for (;;) {
      const now = await lookAt(aws, group, signal);
      const step = bucket === null ? describeEnd(now) : await describeStart(now, { bucket, system, signal });
      if (step.isDone || signal.aborted) return step.instance;
      if (cli.now() >= until) {
        const waited = printSpan(options.timeout);
        const advice = `It goes on; look with \`gatewayctl gateway status ${system}\`, or in the activity of ${group}.`;
        throw new CliError(TEMPORARY, `not done after ${waited}: ${step.doing}`, advice);
      }
      progress.draw(step.doing);
      await cli.sleep(LOOK_EVERY_MS, signal);
    }
  } finally {
    progress.end();
  }
}

interface Step {
  readonly isDone: boolean;
  readonly doing: string;
  readonly instance: string | null;
}

function describeEnd({ instances }: ScalingGroup): Step {
  const [instance] = instances;
  if (instance === undefined) return { isDone: true, doing: 'the gateway is gone', instance: null };
  return { isDone: false, doing: `${instance.id} is ${describe(instance.lifecycle)}`, instance: instance.id };
}

async function describeStart(
  { instances }: ScalingGroup,
  about: { readonly bucket: Bucket; readonly system: string; readonly signal: AbortSignal },
): Promise<Step> {
  const { bucket, system, signal } = about;
  const [instance] = instances;
  if (instance === undefined) {
    return { isDone: false, doing: 'waiting for the group to launch an instance', instance: null };
  }
  const { id, lifecycle } = instance;
  if (lifecycle !== 'InService')
    return { isDone: false, doing: `${id} is ${describe(lifecycle)}`, instance: id };
  const status = await bucket.read(
    `${statusPrefix(system)}${id}.json`,
    { maxBytes: MAX_STATUS_BYTES },
    signal,
  );
  const isDone = status !== null;
  return { isDone, doing: `${id} is in service; waiting for its status in the bucket`, instance: id };
}

/** `InService` → `in service`, `Terminating:Wait` → `terminating`. */
const describe = (lifecycle: string): string =>
  (lifecycle.split(':')[0] ?? '').replaceAll(/(?<=[a-z])([A-Z])/g, ' $1').toLowerCase();
