/** What client access has to say: written by root's helper, read by the agent. */
import { type Decoded, decodeJson, finite, listOf, oneOf, shape, textUpTo } from '../decode.ts';
import type { Trouble } from '../trouble.ts';

export interface AccessProblem {
  /** CamelCase. */
  readonly reason: string;
  /** One sentence for people. */
  readonly message: string;
}

export interface AccessReport {
  readonly version: 1;
  /** ms since the epoch. */
  readonly at: number;
  readonly problems: readonly AccessProblem[];
}

/** ec2-user is kept out, or sshd does not do what it was told. */
export const FAULTY_REASONS: readonly string[] = [
  'PacketFilterMissing',
  'TargetsRefused',
  'SshdRefused',
  'NotFollowed',
];

export const MAX_REPORT_BYTES = 64 * 1024;
const MAX_PROBLEMS = 20;
const MAX_MESSAGE_LENGTH = 1_000;
/** The timer comes each minute. */
const STALE_MS = 10 * 60_000;

const report = shape<AccessReport>({
  version: oneOf(1),
  at: finite,
  problems: listOf(
    shape<AccessProblem>({ reason: textUpTo(64), message: textUpTo(MAX_MESSAGE_LENGTH) }),
    MAX_PROBLEMS,
  ),
});

const decodeReport = (text: string): Decoded<AccessReport> => decodeJson(report, text);

/** What keeps people out comes first: the first reason is the condition's. */
export function printReport(problems: readonly AccessProblem[], at: number): string {
  const rank = ({ reason }: AccessProblem) => (FAULTY_REASONS.includes(reason) ? 0 : 1);
  const sorted = [...problems].sort((one, other) => rank(one) - rank(other));
  return `${JSON.stringify({ version: 1, at, problems: sorted.slice(0, MAX_PROBLEMS).map(shorten) } satisfies AccessReport)}\n`;
}

const shorten = ({ reason, message }: AccessProblem): AccessProblem => ({
  reason,
  message: message.slice(0, MAX_MESSAGE_LENGTH),
});

/** The agent's condition; null when all is well, or where client access is not this machine's business. */
export function troubleOfReport(text: string | null, now: number): Trouble | null {
  if (text === null) return null;
  const decoded = decodeReport(text);
  const trouble = (reason: string, message: string): Trouble => ({ type: 'ClientAccess', reason, message });
  if (!decoded.isValid) {
    return trouble('ReportUnreadable', 'gateway-access.service wrote a report that cannot be read');
  }
  const { at, problems } = decoded.value;
  const [first, ...more] = problems;
  if (now - at > STALE_MS) {
    return trouble(
      'NotFollowed',
      'keys have not been followed for ten minutes: systemctl status gateway-access',
    );
  }
  if (first === undefined) return null;
  const others = more.map(({ message }) => `; ${message}`).join('');
  return trouble(first.reason, `${first.message}${others}`);
}
