/** Files a request, waits for its answer and shows it: what all commands that ask the agent for something share. */
import { createRequestClient, createRequestId, type RequestClient } from '../adapters/request-client.ts';
import type { Answer } from '../core/answer.ts';
import { AgentError } from '../core/errors.ts';
import type { RequestDocument, RequestKind } from '../core/request-document.ts';
import type { AskOptions } from './ask-options.ts';
import { createProgress } from './ask-progress.ts';
import { boundAnswer, exitCodeOf, renderAnswer } from './ask-result.ts';
import { CliError } from './cli-error.ts';
import { loadCliSettings } from './cli-settings.ts';
import type { Cli } from './context.ts';
import { findAgentProblem } from './living-agent.ts';
import { printSpan } from './print.ts';
import { createStyle } from './style.ts';
import { whoAsks } from './who.ts';

const LOOK_EVERY_MS = 100;
const TEMPORARY = 75;

type Wish = Omit<RequestDocument, 'by' | 'reason'>;

/** Resolves with the exit code. Asked again with the same id: the same answer, and nothing is done twice. */
export async function ask(cli: Cli, wish: Wish, options: AskOptions): Promise<number> {
  const { layout, settings } = loadCliSettings(cli);
  const client = createRequestClient(layout);
  const id = options.id ?? createRequestId(wish.kind);
  const known = await explain(() => client.answerOf(id));
  if (known !== null) return show(cli, wish.kind, known, options);

  const problem = findAgentProblem(cli, layout, settings);
  await explain(() => client.file(id, { ...wish, by: whoAsks(cli.env), reason: options.reason ?? '' }));
  if (problem !== null) say(cli, `${problem} The request waits for it.`);
  const askedAt = cli.now();
  const answer = await waitForAnswer(cli, { client, id, kind: wish.kind, waitMs: options.wait, layout });
  if (answer !== null) return show(cli, wish.kind, answer, options);

  if (isJson(cli, options)) {
    cli.stdout.write(`${JSON.stringify({ id, kind: wish.kind, outcome: 'pending' })}\n`);
  }
  const again = `gatewayctl ${commandOf(wish)} --id ${id}`;
  say(cli, `no answer after ${printSpan(cli.now() - askedAt)}. Ask again with: ${again}   [${TEMPORARY}]`);
  return TEMPORARY;
}

async function waitForAnswer(
  cli: Cli,
  options: {
    readonly client: RequestClient;
    readonly id: string;
    readonly kind: RequestKind;
    readonly waitMs: number;
    readonly layout: { readonly statusFile: string };
  },
): Promise<Answer | null> {
  const { client, id, kind, waitMs, layout } = options;
  const signal = cli.catchInterrupt();
  const until = cli.now() + waitMs;
  const progress = await createProgress(cli, { kind, statusFile: layout.statusFile });
  try {
    for (;;) {
      const answer = await explain(() => client.answerOf(id));
      if (answer !== null || signal.aborted) return answer;
      const leftMs = until - cli.now();
      if (leftMs <= 0) return null;
      progress.draw();
      await cli.sleep(Math.min(LOOK_EVERY_MS, leftMs), signal);
    }
  } finally {
    progress.end();
  }
}

function show(cli: Cli, kind: RequestKind, answer: Answer, options: AskOptions): number {
  if (answer.kind !== null && answer.kind !== kind) {
    const advice = 'Choose another --id, or none.';
    throw new CliError(2, `${answer.id} is the id of another request, a ${answer.kind}`, advice);
  }
  if (isJson(cli, options)) cli.stdout.write(`${JSON.stringify(boundAnswer(answer))}\n`);
  else cli.stdout.write(`${renderAnswer(answer, createStyle(cli.stdout, cli.env), cli.now()).join('\n')}\n`);
  return exitCodeOf(answer, kind);
}

/** Whoever reads a pipe wants the document. */
const isJson = (cli: Cli, options: AskOptions): boolean => options.json === true || cli.stdout.isTTY !== true;

const say = (cli: Cli, sentence: string) => void cli.stderr.write(`gatewayctl: ${sentence}\n`);

const commandOf = ({ kind, hold, snapshot }: Wish): string =>
  kind === 'allow' ? `allow ${hold} --snapshot ${snapshot}` : kind;

/** Says what to do about a spool that is not there or not ours. */
async function explain<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== 'SPOOL_FAILED') throw error;
    const { errno, path } = error.fields;
    if (errno === 'EACCES' || errno === 'EPERM') {
      const advice = 'Run this as root or as the user of the agent.';
      throw new CliError(77, `may not use ${String(path)}`, advice, error);
    }
    if (errno === 'ENOENT' || errno === 'ENOTDIR') {
      const advice = 'The agent has never run here, or keeps its state elsewhere (setting paths.state).';
      throw new CliError(69, `there is no directory ${String(path)}`, advice, error);
    }
    throw error;
  }
}
