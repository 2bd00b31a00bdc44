/** What came of a command that Systems Manager was given for a gateway. */
import type { Answer } from './answer.ts';
import { branded, count, decodeJson, nullable, oneOf, shape, text, withDefault } from './decode.ts';
import { REQUEST_KINDS } from './request-document.ts';
import type { Digest } from './types.ts';

/** As Systems Manager shows it; `status` are its details, without blanks. */
interface Shown {
  readonly status: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type CommandOutcome =
  | { readonly kind: 'running'; readonly isDelivered: boolean }
  /** The gateway's own answer. */
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** The gateway has taken the request and had no answer in the document's time. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'failed'; readonly failure: CommandFailure; readonly detail: string };

export type CommandFailure =
  /** It never got there; nothing was done. */
  | 'undelivered'
  /** It was ended by its own time limit; what it asked for may go on. */
  | 'timed-out'
  | 'cancelled'
  | 'denied'
  /** It ran, and the gateway said why it could not. */
  | 'refused';

const RUNNING = ['InProgress', 'Cancelling'];
const WAITING = ['Pending', 'Delayed', ''];
const NOT_DELIVERED = [
  'DeliveryTimedOut',
  'Undeliverable',
  'InvalidPlatform',
  'Terminated',
  'NoInstancesInTag',
];

export function judgeInvocation(shown: Shown): CommandOutcome {
  const { status, stdout, stderr, exitCode } = shown;
  if (WAITING.includes(status)) return { kind: 'running', isDelivered: false };
  if (RUNNING.includes(status)) return { kind: 'running', isDelivered: true };
  if (NOT_DELIVERED.includes(status)) return { kind: 'failed', failure: 'undelivered', detail: status };
  if (status === 'AccessDenied') return { kind: 'failed', failure: 'denied', detail: status };
  if (status === 'ExecutionTimedOut' || status === 'TimedOut') {
    return { kind: 'failed', failure: 'timed-out', detail: status };
  }
  const read = readAnswer(stdout);
  if (read === 'pending') return { kind: 'pending' };
  if (read !== null) return { kind: 'answered', answer: read };
  if (status === 'Cancelled') return { kind: 'failed', failure: 'cancelled', detail: status };
  const said = lastLine(stderr) ?? lastLine(stdout) ?? `no answer in its output (exit code ${exitCode})`;
  return { kind: 'failed', failure: 'refused', detail: said };
}

const optional = withDefault(nullable(text), null);
const span = withDefault(nullable(count), null);

/** Fields that a later gateway adds are dropped, those that an older one lacks are null. */
const answer = shape<Answer>({
  id: text,
  kind: nullable(oneOf(...REQUEST_KINDS)),
  outcome: oneOf('done', 'failed', 'refused'),
  by: withDefault(text, 'unknown'),
  reason: withDefault(text, ''),
  message: withDefault(text, ''),
  requestedAt: optional,
  answeredAt: text,
  startedAt: optional,
  servingAt: optional,
  drainMs: withDefault(count, 0),
  stopMs: span,
  startMs: span,
  queriesKilled: withDefault(count, 0),
  pidBefore: span,
  pidAfter: span,
  digest: withDefault(nullable(branded<Digest>()), null),
});
const pending = shape<{ id: string; outcome: 'pending' }>({ id: text, outcome: oneOf('pending') });

/** The one JSON line of `gatewayctl restart --json`; null when there is none. */
function readAnswer(stdout: string): Answer | 'pending' | null {
  const line = stdout.split('\n').findLast((candidate) => candidate.startsWith('{')) ?? '';
  if (decodeJson(pending, line).isValid) return 'pending';
  const read = decodeJson(answer, line);
  return read.isValid ? read.value : null;
}

const lastLine = (text: string): string | null =>
  text
    .split('\n')
    .map((line) => line.trim())
    // What the document's shell says of an exit status is no reason.
    .filter((line) => line !== '' && !/^failed to run commands: exit status/.test(line))
    .at(-1) ?? null;

/** Exit codes of the contract that the gateway's own command line ends with. */
const KNOWN = [65, 69, 70, 73, 75, 77, 78] as const;

/** The exit code that the gateway's command line ended with, where it is one of the contract's; else 69. */
export function exitCodeOfStep(exitCode: number): (typeof KNOWN)[number] {
  return KNOWN.find((known) => known === exitCode) ?? 69;
}

/** What the documents' parameters take, so that no value means something to a shell. */
export const REASON_PATTERN = /^[A-Za-z0-9 .,:_/@#+=()-]{0,200}$/;
const BY_LENGTH = 128;

/** A user's name as the documents' parameter `by` takes it. */
export function writeBy(name: string): string {
  const allowed = name.replaceAll(/[^A-Za-z0-9@._+=,/-]/g, '-').slice(0, BY_LENGTH);
  return allowed === '' ? 'unknown' : allowed;
}
