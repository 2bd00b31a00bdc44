import type { HeaderPrefix } from '../core/engine/profile.ts';
import { AGENT_SOURCE, AGENT_USER } from '../core/engine/queries.ts';
import { parseStatementPage, type QueryError } from '../core/engine/statement.ts';
import type { EngineHttp, HttpAnswer } from './engine-http.ts';

export type StatementOutcome =
  | { readonly kind: 'rows'; readonly rows: readonly (readonly unknown[])[] }
  | { readonly kind: 'refused'; readonly error: QueryError }
  /** It outlived its deadline and was cancelled, or the engine stopped answering. */
  | { readonly kind: 'failed'; readonly reason: string };

const CANCEL_TIMEOUT_MS = 2_000;
/** Rows beyond this are not kept: the agent asks for lists of names and single rows. */
const MAX_ROWS = 10_000;

/** Headers of the agent's own requests, in the style of the engine. */
export function makeAgentHeaders(prefix: HeaderPrefix): Record<string, string> {
  return { [`${prefix}User`]: AGENT_USER, [`${prefix}Source`]: AGENT_SOURCE };
}

/**
 * Runs a statement to its end, following `nextUri`. `deadline` aborts when it has taken too long in all; the query
 * is then cancelled, so that the agent leaves nothing running. Never rejects.
 */
export async function runStatement(options: {
  readonly http: EngineHttp;
  readonly prefix: HeaderPrefix;
  readonly sql: string;
  readonly deadline: AbortSignal;
  readonly timeoutMs: number;
}): Promise<StatementOutcome> {
  const { http, prefix, deadline, timeoutMs } = options;
  const headers = makeAgentHeaders(prefix);
  const rows: (readonly unknown[])[] = [];
  let queryId: string | null = null;
  let nextPath: string | null = null;
  let answer: HttpAnswer = await http.send({
    method: 'POST',
    path: '/v1/statement',
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
    body: options.sql,
    signal: deadline,
    timeoutMs,
  });
  while (answer.kind === 'answered' && answer.status < 300) {
    const page = parseStatementPage(answer.body);
    queryId = page.queryId ?? queryId;
    nextPath = page.nextPath;
    if (page.error !== null) return { kind: 'refused', error: page.error };
    if (rows.length < MAX_ROWS) rows.push(...page.rows);
    if (nextPath === null) return { kind: 'rows', rows };
    answer = await http.send({ method: 'GET', path: nextPath, headers, signal: deadline, timeoutMs });
  }
  await cancel({ http, headers, queryId, nextPath });
  return {
    kind: 'failed',
    reason: answer.kind === 'failed' ? answer.reason : `HTTP status ${answer.status} to a statement`,
  };
}

async function cancel({
  http,
  headers,
  queryId,
  nextPath,
}: {
  http: EngineHttp;
  headers: Record<string, string>;
  queryId: string | null;
  nextPath: string | null;
}): Promise<void> {
  const paths = [nextPath, queryId === null ? null : `/v1/query/${encodeURIComponent(queryId)}`];
  for (const path of paths) {
    if (path === null) continue;
    // Its answer does not matter: an engine that does not answer ends abandoned queries by itself.
    const signal = AbortSignal.timeout(CANCEL_TIMEOUT_MS);
    await http.send({ method: 'DELETE', path, headers, signal, timeoutMs: CANCEL_TIMEOUT_MS });
  }
}
