import type { RunningQuery } from '../run.ts';

/** User and source of the agent's own queries: a drain does not wait for them. */
export const AGENT_USER = 'gateway-agent';
export const AGENT_SOURCE = 'gateway-agent';

const ENDED = ['FINISHED', 'FAILED'];

/**
 * The queries of others that wait or run, from the body of `GET /v1/query`; null when the body is not a list.
 * Whatever state is neither FINISHED nor FAILED counts: QUEUED, PLANNING, RUNNING, FINISHING and those of later
 * releases.
 */
export function parseRunningQueries(body: unknown): readonly RunningQuery[] | null {
  if (!Array.isArray(body)) return null;
  return body.flatMap((entry: unknown) => {
    const query = readFields(entry);
    const session = readFields(query.session);
    const id = query.queryId;
    const user = typeof session.user === 'string' ? session.user : 'unknown';
    const isOurs = user === AGENT_USER && session.source === AGENT_SOURCE;
    if (typeof id !== 'string' || isOurs || ENDED.includes(String(query.state))) return [];
    return [{ id, user }];
  });
}

/** The fields of a JSON object; none for any other value. */
export function readFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
