/** Has a gateway asked by its document in Systems Manager, follows the command and shows the gateway's answer. */
import type { Answer } from '../core/answer.ts';
import { AgentError } from '../core/errors.ts';
import { type CommandOutcome, exitCodeOfStep, judgeInvocation, writeBy } from '../core/remote-command.ts';
import type { OperatorAws } from '../ports/operators.ts';
import type { Invocation } from '../ports/remote-control.ts';
import { exitCodeOf, renderAnswer } from './ask-result.ts';
import { CliError } from './cli-error.ts';
import type { Cli } from './context.ts';
import { printable, printSpan } from './print.ts';
import { createProgressLine, type ProgressLine } from './progress-line.ts';
import type { RemoteOptions } from './remote-options.ts';
import { createStyle } from './style.ts';
import { findGateway } from './system-find.ts';
import { openAws } from './system-options.ts';
import { whoAsks } from './who.ts';

const LOOK_EVERY_MS = 1_000;
/** After the first minute nobody counts seconds, and Systems Manager counts calls. */
const LOOK_SLOWLY_MS = 5_000;
const SLOWLY_AFTER_MS = 60_000;
/** A command is known on its instance a moment after it was sent. */
const KNOWN_WITHIN_MS = 30_000;
/** How often it is asked whether the instance is still there. */
const INSTANCE_EVERY_MS = 15_000;

export interface RemoteWish {
  readonly system: string;
  readonly kind: 'restart' | 'poll';
  readonly options: RemoteOptions;
  readonly parameters: Readonly<Record<string, string>>;
}

interface Sent {
  readonly id: string;
  readonly instance: string;
}

/** Resolves with the exit code. */
export async function askRemotely(cli: Cli, wish: RemoteWish): Promise<number> {
  const { system, options, kind } = wish;
  const signal = cli.catchInterrupt();
  const aws = await openAws(cli, options);
  const { id: instance } = await findGateway(aws, system, signal);
  const id = options.command ?? (await send(cli, aws, { wish, instance, signal }));
  const sent = { id, instance };
  const progress = await createProgressLine(cli);
  let outcome: CommandOutcome | null;
  let shown: Invocation | null = null;
  try {
    const look = async () => {
      shown = await aws.commands.look(id, instance, signal);
      return shown;
    };
    outcome = await follow(cli, aws, { wish, sent, signal, progress, look });
  } finally {
    progress.end();
  }
  if (outcome === null || outcome.kind === 'running' || outcome.kind === 'pending') {
    return sayUnanswered(cli, { wish, sent });
  }
  if (outcome.kind === 'failed') throw explainFailure(outcome, { wish, sent, exitCode: exitCodeIn(shown) });
  return showAnswer(cli, outcome.answer, { kind, sent, isJson: options.json === true });
}

const exitCodeIn = (shown: Invocation | null): number => shown?.exitCode ?? -1;

async function send(
  cli: Cli,
  aws: OperatorAws,
  about: { readonly wish: RemoteWish; readonly instance: string; readonly signal: AbortSignal },
): Promise<string> {
  const { wish, instance, signal } = about;
  const { system, kind, options } = wish;
  const document = `${system}-gateway-${kind}`;
  const by = writeBy(whoAsks(cli.env));
  const parameters = { ...wish.parameters, by, reason: options.reason ?? '' };
  try {
    return await aws.commands.send(
      { document, instance, parameters, comment: `gatewayctl ${kind} by ${by}` },
      signal,
    );
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    if (error.code === 'OPERATOR_MISSING') {
      const advice = 'The stack makes it; or check account and region (-p, -r).';
      throw new CliError(69, `there is no document ${document} in Systems Manager`, advice, error);
    }
    if (error.fields.reason === 'InvalidInstanceId') {
      const advice = `Its SSM agent may be starting, or lacks the rights or the way to reach it; \`gatewayctl gateway restart ${system} --ssh\` needs neither.`;
      throw new CliError(75, `Systems Manager does not know ${instance}`, advice, error);
    }
    throw error;
  }
}

/** Null when the time is up or the person has had enough. */
async function follow(
  cli: Cli,
  aws: OperatorAws,
  about: {
    readonly wish: RemoteWish;
    readonly sent: Sent;
    readonly signal: AbortSignal;
    readonly progress: ProgressLine;
    readonly look: () => Promise<Invocation | null>;
  },
): Promise<CommandOutcome | null> {
  const { wish, sent, signal, progress, look } = about;
  const beganAt = cli.now();
  let instanceSeenAt = beganAt;
  let isKnown = false;
  for (;;) {
    const shown = await look().catch(ignoreThrottle);
    const outcome = shown === null ? null : judgeInvocation(shown);
    if (outcome !== null && outcome.kind !== 'running') return outcome;
    const now = cli.now();
    isKnown ||= shown !== null;
    if (!isKnown && now - beganAt >= KNOWN_WITHIN_MS) throw unknownCommand(sent, wish.system);
    if (now - instanceSeenAt >= INSTANCE_EVERY_MS) {
      await requireInstance(aws, { wish, sent, signal });
      instanceSeenAt = now;
    }
    progress.draw(
      outcome?.isDelivered === true
        ? `${sent.instance}: ${wish.kind} runs`
        : `${sent.instance}: waiting for its SSM agent to take the command`,
    );
    const leftMs = beganAt + wish.options.wait - now;
    if (leftMs <= 0 || signal.aborted) return null;
    const everyMs = now - beganAt < SLOWLY_AFTER_MS ? LOOK_EVERY_MS : LOOK_SLOWLY_MS;
    await cli.sleep(Math.min(everyMs, leftMs), signal);
    if (signal.aborted) return null;
  }
}

function unknownCommand({ id, instance }: Sent, system: string): CliError {
  const advice = `Was it sent to another instance? See \`gatewayctl gateway status ${system}\`.`;
  return new CliError(69, `Systems Manager knows no command ${id} on ${instance}`, advice);
}

/** The command goes on, whatever a look at it met. */
function ignoreThrottle(error: unknown): null {
  if (error instanceof AgentError && ['AWS_THROTTLED', 'AWS_UNREACHABLE'].includes(error.code)) return null;
  throw error;
}

/** A command to an instance that is gone stays in progress until its time is up. */
async function requireInstance(
  aws: OperatorAws,
  about: { readonly wish: RemoteWish; readonly sent: Sent; readonly signal: AbortSignal },
): Promise<void> {
  const { wish, sent, signal } = about;
  const found = await aws.instances.find(wish.system, signal);
  if (found.some(({ id }) => id === sent.instance)) return;
  const advice = `A new one begins with a new process: \`gatewayctl gateway status ${wish.system}\`.`;
  throw new CliError(69, `${sent.instance} went away before it answered`, advice);
}

function sayUnanswered(cli: Cli, { wish, sent }: { wish: RemoteWish; sent: Sent }): number {
  if (wish.options.json === true) {
    cli.stdout.write(
      `${JSON.stringify({ command: sent.id, instance: sent.instance, outcome: 'pending' })}\n`,
    );
  }
  const again = `gatewayctl gateway ${wish.kind} ${wish.system} --command ${sent.id}`;
  cli.stderr.write(
    `gatewayctl: no answer yet (waited at most ${printSpan(wish.options.wait)}); it goes on. Follow it with: ${again}   [75]\n`,
  );
  return 75;
}

function explainFailure(
  outcome: Extract<CommandOutcome, { kind: 'failed' }>,
  about: { readonly wish: RemoteWish; readonly sent: Sent; readonly exitCode: number },
): CliError {
  const { sent, exitCode } = about;
  const { id, instance } = sent;
  const { system } = about.wish;
  const detail = printable(outcome.detail);
  const mayGoOn = `What was asked may go on: \`gatewayctl gateway status ${system}\`.`;
  switch (outcome.failure) {
    case 'undelivered': {
      const advice = `Its SSM agent does not answer; \`gatewayctl gateway restart ${system} --ssh\` does without it.`;
      return new CliError(75, `the command did not get to ${instance} (${detail}): nothing was done`, advice);
    }
    case 'timed-out':
      return new CliError(69, `${instance} did not answer in the time of its document`, mayGoOn);
    case 'cancelled':
      return new CliError(75, `the command ${id} was cancelled in Systems Manager`, mayGoOn);
    case 'denied': {
      const advice = 'Ask for it: the README lists what each role needs.';
      return new CliError(77, `Systems Manager denied the command on ${instance}`, advice);
    }
    case 'refused': {
      const advice = `See \`gatewayctl gateway status ${system}\`.`;
      return new CliError(exitCodeOfStep(exitCode), `${instance}: ${detail}`, advice);
    }
  }
}

function showAnswer(
  cli: Cli,
  answer: Answer,
  about: { readonly kind: 'restart' | 'poll'; readonly sent: Sent; readonly isJson: boolean },
): number {
  const { kind, sent, isJson } = about;
  if (isJson) {
    cli.stdout.write(`${JSON.stringify({ ...answer, instance: sent.instance, command: sent.id })}\n`);
  } else {
    const style = createStyle(cli.stdout, cli.env);
    const [first = '', ...rest] = renderAnswer(answer, style, cli.now());
    const who = `${sent.instance}  by ${printable(answer.by)}`;
    const lines = rest.length === 0 ? [who, first] : [`${who} · ${first}`, ...rest];
    cli.stdout.write(`${lines.join('\n')}\n`);
  }
  return exitCodeOf(answer, kind);
}
