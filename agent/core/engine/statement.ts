import { readFields } from './queries.ts';

export interface QueryError {
  /** `NO_NODES_AVAILABLE`, `TABLE_NOT_FOUND`, …; empty when the engine named none. */
  readonly name: string;
  /** `USER_ERROR`, `INTERNAL_ERROR`, `EXTERNAL`, `INSUFFICIENT_RESOURCES`; empty when the engine named none. */
  readonly type: string;
  readonly message: string;
}

/** One page of the answer to a statement. */
export interface StatementPage {
  readonly queryId: string | null;
  /** Path and query of the next page; null on the last one. */
  readonly nextPath: string | null;
  readonly rows: readonly (readonly unknown[])[];
  readonly error: QueryError | null;
}

/**
 * Reads a page of `POST /v1/statement` or of its `nextUri`. Of that URI only path and query are taken: the agent
 * talks to the one address that it was given, whatever a body says.
 */
export function parseStatementPage(body: unknown): StatementPage {
  const page = readFields(body);
  const error = readFields(page.error);
  const next =
    typeof page.nextUri === 'string' ? /^https?:\/\/[^/]+(\/.*)$/.exec(page.nextUri)?.[1] : undefined;
  return {
    queryId: typeof page.id === 'string' ? page.id : null,
    nextPath: next ?? null,
    rows: Array.isArray(page.data) ? page.data.filter((row) => Array.isArray(row)) : [],
    error:
      page.error === undefined || page.error === null
        ? null
        : {
            name: typeof error.errorName === 'string' ? error.errorName : '',
            type: typeof error.errorType === 'string' ? error.errorType : '',
            message: typeof error.message === 'string' ? error.message : 'an error without message',
          },
  };
}

/**
 * What a failed proof query says about the engine.
 *
 * - `not-yet`: the engine cannot schedule a split, or is not up. Seen for 2 to 8 s after `"starting":false`.
 * - `unusable`: the query itself was wrong here (no such table): it proves nothing, another one has to.
 * - `backend`: the connector's or its backend's own error.
 */
export function classifyQueryError(error: QueryError): 'not-yet' | 'unusable' | 'backend' {
  const isNotYet =
    ['NO_NODES_AVAILABLE', 'SERVER_STARTING_UP', 'SERVER_SHUTTING_DOWN', 'CLUSTER_OUT_OF_MEMORY'].includes(
      error.name,
    ) || /no nodes available|still initializing|shutting down/i.test(error.message);
  if (isNotYet) return 'not-yet';
  return error.type === 'USER_ERROR' ? 'unusable' : 'backend';
}
