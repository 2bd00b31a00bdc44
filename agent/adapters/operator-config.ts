import type { OperatorAwsOptions } from '../ports/operators.ts';
import { withDeadline } from './deadline.ts';
import { type OperatorCall, translateOperatorError } from './operator-error.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const CALL_TIMEOUT_MS = 15_000;
const MAX_SOCKETS = 16;
/** A person waits: the SDK's own retries hide what is over within seconds. */
const MAX_ATTEMPTS = 3;

export type OperatorEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * What all clients on an operator's machine share. Credentials, region and endpoints come from the SDK's own chain
 * (environment, shared configuration, SSO, …), with what `-p` and `-r` say above it. `AWS_DEFAULT_REGION`, which
 * other tools know and the SDK does not, counts too.
 */
export function chooseOperatorConfig(options: OperatorAwsOptions & { readonly env: OperatorEnvironment }) {
  const { env, profile } = options;
  const region = options.region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || null);
  const sockets = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return {
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, httpAgent: sockets, httpsAgent: sockets },
    logger: SILENT,
    ...(profile === null ? {} : { profile }),
    ...(region === null ? {} : { region }),
  };
}

export type OperatorConfig = ReturnType<typeof chooseOperatorConfig>;

/** Runs one call (with its body, or all pages of one listing) with a deadline; translates what it throws. */
export async function callAws<Result>(
  about: OperatorCall & { readonly timeoutMs?: number },
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { timeoutMs = CALL_TIMEOUT_MS, ...named } = about;
  try {
    return await withDeadline({ timeoutMs, signal, work });
  } catch (error) {
    throw translateOperatorError(error, named);
  }
}

const ignore = () => undefined;
/** The SDK's warnings are no sentences for people. */
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
