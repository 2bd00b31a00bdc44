import { findEngineProfile, type HeaderPrefix } from '../core/engine/profile.ts';
import { readFields } from '../core/engine/queries.ts';
import { withTimeLimit } from './deadline.ts';
import type { EngineHttp } from './engine-http.ts';
import { runStatement } from './engine-statement.ts';

type Rows = readonly (readonly unknown[])[];

export type Answer =
  | { readonly kind: 'rows'; readonly rows: Rows }
  /** `reason` is for people. */
  | { readonly kind: 'failed'; readonly reason: string };

export type Asker = (sql: string) => Promise<Answer>;

/** What `runStatement` keeps at most; what lies beyond would be taken for missing. */
const MAX_ROWS = 10_000;
const TOO_MANY = { kind: 'failed', reason: `there are ${MAX_ROWS} rows or more` } as const;

/** Runs statements with the first header style that the engine takes. Never rejects. */
export async function createAsker(options: {
  readonly http: EngineHttp;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}): Promise<Asker> {
  const { http, signal, timeoutMs } = options;
  const prefixes = await findPrefixes(http, signal, timeoutMs);
  return async (sql) => {
    let reason = '';
    for (const prefix of prefixes) {
      const outcome = await withTimeLimit(signal, timeoutMs, (deadline) =>
        runStatement({ http, prefix, sql, deadline, timeoutMs }),
      );
      if (outcome.kind === 'rows') return outcome.rows.length < MAX_ROWS ? outcome : TOO_MANY;
      if (outcome.kind === 'refused') return { kind: 'failed', reason: outcome.error.message };
      reason = outcome.reason;
    }
    return { kind: 'failed', reason };
  };
}

async function findPrefixes(
  http: EngineHttp,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<readonly HeaderPrefix[]> {
  const answer = await http.send({ method: 'GET', path: '/v1/info', signal, timeoutMs });
  const { version } = readFields(readFields(answer.kind === 'answered' ? answer.body : null).nodeVersion);
  return findEngineProfile(typeof version === 'string' ? version : '', null).headerPrefixes;
}
