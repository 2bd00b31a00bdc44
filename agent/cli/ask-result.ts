import type { Answer } from '../core/answer.ts';
import { parseInstant } from '../core/instant.ts';
import type { RequestKind } from '../core/request-document.ts';
import type { ExitCode } from './cli-error.ts';
import { printable, printCount, printDigest, printSpan, printTime, shorten } from './print.ts';
import type { Style } from './style.ts';

/** A poll that was refused found a configuration that is; everything else was denied to whoever asked. */
export function exitCodeOf({ outcome }: Answer, kind: RequestKind): ExitCode {
  if (outcome === 'done') return 0;
  if (outcome === 'failed') return 69;
  return kind === 'poll' ? 65 : 77;
}

/** In JSON, where a character can take six. */
const MAX_TEXT_LENGTH = 1_000;

/** Systems Manager keeps the first 24,000 characters of what a document prints: one line of JSON must fit. */
export function boundAnswer(answer: Answer): Answer {
  const { by, reason, message } = answer;
  const bound = (text: string) => shorten(text, MAX_TEXT_LENGTH);
  return { ...answer, by: bound(by), reason: bound(reason), message: bound(message) };
}

/** The answer for people: what happened when, then what came of it. */
export function renderAnswer(answer: Answer, style: Style, now: number): string[] {
  const { outcome, kind, message } = answer;
  const paint = outcome === 'done' ? style.good : outcome === 'failed' ? style.error : style.warning;
  const isRestarted = kind === 'restart' && outcome === 'done';
  const result = `${paint(`${outcome}:`)} ${isRestarted ? describeRun(answer) : printable(message)}`;
  const steps = describeSteps(answer, now);
  return steps.length === 0 ? [result] : [style.faint(steps.join(' · ')), result];
}

function describeSteps(answer: Answer, now: number): string[] {
  const { kind, requestedAt, servingAt, drainMs, stopMs, startMs } = answer;
  if (kind !== 'restart' || servingAt === null) return [];
  const time = (instant: string) => printTime(parseInstant(instant) ?? now, now);
  return [
    ...(requestedAt === null ? [] : [`asked ${time(requestedAt)}`]),
    ...(drainMs > 0 ? [`drained ${printSpan(drainMs)}`] : []),
    ...(startMs === null ? [] : [`down ${printSpan((stopMs ?? 0) + startMs)}`]),
    `serving ${time(servingAt)}`,
  ];
}

function describeRun({ pidBefore, pidAfter, digest, queriesKilled }: Answer): string {
  const killed = queriesKilled === 0 ? 'no query killed' : `${printCount(queriesKilled, 'query')} killed`;
  return [
    `pid ${pidBefore ?? 'none'} → ${pidAfter ?? 'none'}`,
    ...(digest === null ? [] : [`release ${printDigest(digest)}`]),
    killed,
  ].join(', ');
}
