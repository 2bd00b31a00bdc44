/** Why a tunnel is not up, told apart by what has to be done about it. */
export const TUNNEL_FAILURES = {
  /** EC2 shows no running gateway. */
  absent: { first: 'end', later: 'retry' },
  /** It has no address of the kind that was asked for. */
  addressless: { first: 'end', later: 'retry' },
  /** Gateway or keys could not be looked up; the error says why. */
  lookup: { first: 'end', later: 'retry' },
  /** The key or known_hosts line in the bucket is none. */
  'key-unusable': { first: 'end', later: 'brief' },
  /** The server shows another host key than the one in the bucket. */
  'host-key': { first: 'end', later: 'brief' },
  /** The server does not take the access key. */
  'access-key': { first: 'end', later: 'brief' },
  /** Something else listens on the local port. */
  'port-taken': { first: 'end', later: 'end' },
  /** The user may not listen on it. */
  'port-denied': { first: 'end', later: 'end' },
  /** ssh does not know an option that was passed to it. */
  'bad-option': { first: 'end', later: 'end' },
  /** ssh, aws or the plugin of Session Manager is not installed. */
  'program-missing': { first: 'end', later: 'end' },
  /** Nobody answers at the address. */
  silent: { first: 'retry', later: 'retry' },
  /** The machine answers, and nothing listens on the port. */
  refused: { first: 'retry', later: 'retry' },
  /** Session Manager does not reach the instance. */
  'ssm-offline': { first: 'retry', later: 'retry' },
  /** The credentials may not open a session. */
  'ssm-denied': { first: 'end', later: 'retry' },
  /** It was up, and does not answer any more. */
  lost: { first: 'retry', later: 'retry' },
  /** ssh ended and said something else. */
  ended: { first: 'retry', later: 'retry' },
} as const satisfies Record<string, { first: Persistence; later: Persistence }>;

/**
 * What is done about a failure before the tunnel was up for the first time, and later. `brief`: tried again for a
 * short time, because a gateway that is being replaced looks like this until its keys are in the bucket.
 */
export type Persistence = 'end' | 'brief' | 'retry';

export type TunnelFailureKind = keyof typeof TUNNEL_FAILURES;

export interface TunnelFailure {
  readonly kind: TunnelFailureKind;
  /** What was said by ssh or AWS: one line, for people. */
  readonly detail: string;
}

const PATTERNS: readonly (readonly [RegExp, TunnelFailureKind])[] = [
  [/host key verification failed|host identification has changed|host key is known/i, 'host-key'],
  [/invalid format|error in libcrypto|bad permissions|load key/i, 'key-unusable'],
  [/permission denied \(|too many authentication failures/i, 'access-key'],
  [/address already in use|cannot listen to port|could not request local forwarding/i, 'port-taken'],
  [
    /bad configuration option|unsupported option|extra arguments|command-line line 0|missing argument/i,
    'bad-option',
  ],
  [/TargetNotConnected/, 'ssm-offline'],
  [/AccessDenied|UnauthorizedOperation|ExpiredToken|Unable to locate credentials|SSO session/i, 'ssm-denied'],
  [/SessionManagerPlugin is not found|aws: (?:command )?not found/i, 'program-missing'],
  [/timeout, server .* not responding/i, 'lost'],
  [/connection refused/i, 'refused'],
  [/timed out|no route to host|network is unreachable|could not resolve|banner exchange/i, 'silent'],
];

/** What it means that ssh ended, from what it printed to stderr. */
export function judgeSshEnd(stderr: string): TunnelFailure {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  for (const [pattern, kind] of PATTERNS) {
    const line = lines.findLast((candidate) => pattern.test(candidate));
    if (line !== undefined) return { kind, detail: line };
  }
  return { kind: 'ended', detail: lines.at(-1) ?? 'ssh ended without a word' };
}
