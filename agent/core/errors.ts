/**
 * Errors sorted by what the agent does next. One class, one catalogue; README's table is tested against it.
 *
 * - `retry`: backs off and tries again by itself.
 * - `refuse`: keeps what works; only other input helps.
 * - `page`: keeps running, tells an operator, tries slowly.
 * - `crash`: exits; systemd starts it again (except 78).
 */
export type Disposition = 'retry' | 'refuse' | 'page' | 'crash';

interface Entry {
  readonly disposition: Disposition;
  readonly exitCode: number;
  /** What a person can do. */
  readonly hint: string;
}

export const ERRORS = {
  SOURCE_UNREACHABLE: {
    disposition: 'retry',
    exitCode: 75,
    hint: 'Check the S3 endpoint, the route table and the security group.',
  },
  SOURCE_THROTTLED: {
    disposition: 'retry',
    exitCode: 75,
    hint: 'S3 asks to slow down; nothing to do unless it lasts.',
  },
  SOURCE_TORN: {
    disposition: 'retry',
    exitCode: 75,
    hint: 'An answer was not whole, or listing and objects disagree; if it lasts, look for a proxy or cache on the way.',
  },
  SOURCE_DENIED: {
    disposition: 'page',
    exitCode: 77,
    hint: 'Allow s3:ListBucket and s3:GetObject on the source to the instance role.',
  },
  SOURCE_MISSING: {
    disposition: 'page',
    exitCode: 69,
    hint: 'Check the bucket or directory in `source.uri`; it does not exist.',
  },
  STORE_FULL: { disposition: 'page', exitCode: 73, hint: 'Free space on the disk that holds `paths.state`.' },
  STORE_FAILED: { disposition: 'page', exitCode: 73, hint: 'Check disk and permissions of `paths.state`.' },
  STATE_FAILED: { disposition: 'page', exitCode: 73, hint: 'Check disk and permissions of `paths.state`.' },
  SPOOL_FAILED: {
    disposition: 'page',
    exitCode: 73,
    hint: 'Check disk and permissions of `requests` and `answers` in `paths.state`.',
  },
  HISTORY_FAILED: {
    disposition: 'page',
    exitCode: 73,
    hint: 'Check disk and permissions of `history.jsonl` in `paths.state`.',
  },
  PUBLISH_FAILED: { disposition: 'page', exitCode: 73, hint: 'Check disk and permissions of `paths.etc`.' },
  STATUS_FAILED: { disposition: 'page', exitCode: 73, hint: 'Check disk and permissions of `paths.run`.' },
  SUPERVISOR_FAILED: {
    disposition: 'page',
    exitCode: 69,
    hint: 'Check `systemctl status` of the analytics unit and the polkit rule, or `analytics.command`.',
  },
  START_IMPOSSIBLE: {
    disposition: 'page',
    exitCode: 69,
    hint: 'Follow the remedy that is named; it is tried again by itself.',
  },
  TRAINING_FAILED: {
    disposition: 'refuse',
    exitCode: 69,
    hint: 'Starts go on without an archive of classes, and take longer; correct what is named and train again.',
  },
  AWS_UNREACHABLE: {
    disposition: 'retry',
    exitCode: 75,
    hint: 'Check the route to that AWS service; nothing to do unless it lasts.',
  },
  AWS_THROTTLED: {
    disposition: 'retry',
    exitCode: 75,
    hint: 'The service asks to slow down; nothing to do unless it lasts.',
  },
  AWS_DENIED: { disposition: 'page', exitCode: 77, hint: 'Allow the named call to the instance role.' },
  OPERATOR_NO_CREDENTIALS: {
    disposition: 'refuse',
    exitCode: 77,
    hint: 'Set AWS_PROFILE, or log in with `aws sso login`.',
  },
  OPERATOR_CREDENTIALS_EXPIRED: {
    disposition: 'refuse',
    exitCode: 77,
    hint: 'Log in again with `aws sso login`, or renew what AWS_PROFILE names.',
  },
  OPERATOR_CREDENTIALS_REJECTED: {
    disposition: 'refuse',
    exitCode: 77,
    hint: 'Check keys, session token, account and the clock of this machine.',
  },
  OPERATOR_NO_REGION: { disposition: 'refuse', exitCode: 2, hint: 'Give -r REGION, or set AWS_REGION.' },
  OPERATOR_WRONG_REGION: { disposition: 'refuse', exitCode: 2, hint: 'Give the right one with -r REGION.' },
  OPERATOR_DENIED: {
    disposition: 'refuse',
    exitCode: 77,
    hint: 'Ask for the named call; the README lists what each role needs.',
  },
  OPERATOR_MISSING: {
    disposition: 'refuse',
    exitCode: 69,
    hint: 'Check the name, account and region; the stack makes it.',
  },
  OPERATOR_REFUSED: { disposition: 'refuse', exitCode: 69, hint: 'Check what AWS says about the call.' },
  KEYS_UNWRITABLE: {
    disposition: 'refuse',
    exitCode: 73,
    hint: 'Check disk and permissions of the directory.',
  },
  KEYGEN_FAILED: {
    disposition: 'refuse',
    exitCode: 73,
    hint: 'Install the OpenSSH client, and check that the temporary directory can be written.',
  },
  BASELINE_UNUSABLE: {
    disposition: 'page',
    exitCode: 65,
    hint: 'Nothing to do when the source is as it should be: the next proof writes it anew.',
  },
  ACCESS_FAILED: {
    disposition: 'page',
    exitCode: 73,
    hint: 'Run it as root; check disk and permissions of `/var/lib/datomic-access` and `/run/datomic-access`.',
  },
  LISTEN_FAILED: {
    disposition: 'page',
    exitCode: 73,
    hint: 'Free the address in `http.listen`, or set another one or `off`.',
  },
  ALREADY_RUNNING: {
    disposition: 'crash',
    exitCode: 73,
    hint: 'End the other agent first, or give this one a `paths.state` of its own.',
  },
  SETTINGS_INVALID: { disposition: 'crash', exitCode: 78, hint: 'Correct the settings that are named.' },
  INVARIANT: { disposition: 'crash', exitCode: 70, hint: 'This is a bug; please report it with the log.' },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;

export class AgentError extends Error {
  readonly code: ErrorCode;
  readonly fields: Readonly<Record<string, unknown>>;

  /** `message` is constant and lower case; values go into `fields`, and the cause is always kept. */
  constructor(
    code: ErrorCode,
    message: string,
    options: { fields?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'AgentError';
    this.code = code;
    this.fields = options.fields ?? {};
  }
}

/** Anything that is not an AgentError is a bug and becomes INVARIANT, its cause kept. */
export function toAgentError(error: unknown): AgentError {
  return error instanceof AgentError
    ? error
    : new AgentError('INVARIANT', 'unexpected error', { cause: error });
}

/** One sentence for people: message, fields and hint. */
export function describeError(error: AgentError): string {
  const fields = Object.entries(error.fields).map(([name, value]) => `${name}=${String(value)}`);
  return [error.message, ...fields].join(' ');
}
