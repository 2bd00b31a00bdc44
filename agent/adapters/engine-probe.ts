import { parseEngineDuration } from '../core/engine/duration.ts';
import { type EngineProfile, findEngineProfile, type HeaderPrefix } from '../core/engine/profile.ts';
import { LIST_CATALOGS, parseListedCatalogs } from '../core/engine/proof-query.ts';
import { parseRunningQueries, readFields } from '../core/engine/queries.ts';
import type { Probe, RunningQuery } from '../core/run.ts';
import type { Clock, EngineProbe } from '../ports.ts';
import { withTimeLimit } from './deadline.ts';
import { createEngineHttp } from './engine-http.ts';
import { type Proof, proveServing } from './engine-proof.ts';
import { makeAgentHeaders, runStatement } from './engine-statement.ts';

export interface EngineProbeOptions {
  /** `analytics.url`, plain HTTP. */
  readonly url: string;
  /** `presto`, `trino` or `stand-in`, as far as it is known; decides only where the version tells nothing. */
  readonly engineName: () => string | null;
  /** The setting `analytics.proofQuery`. */
  readonly proofQuery: string | null;
  readonly clock: Clock;
  /** Deadline of one request, body included. */
  readonly requestTimeoutMs?: number;
  /** Deadline of all queries of one look together: the Datomic client gives up on its backend after 60 s. */
  readonly proofTimeoutMs?: number;
  /** Where no split could be scheduled for want of a table or a backend: how long the engine must be up. */
  readonly splitlessUptimeMs?: number;
  readonly maxBytes?: number;
}

/** A process may be up this much longer than its run before it counts as another: clocks and rounding. */
const UPTIME_SLACK_MS = 2_000;

/**
 * Asks PrestoSQL (up to 350) or Trino (from 351) over HTTP. While serving is known a look is two GETs.
 * A catalog once listed stays listed in a run, since both load catalogs at start only.
 */
export function createEngineProbe(options: EngineProbeOptions): EngineProbe {
  const { url, clock, proofQuery, engineName } = options;
  const timeoutMs = options.requestTimeoutMs ?? 5_000;
  const proofTimeoutMs = options.proofTimeoutMs ?? 75_000;
  const splitlessUptimeMs = options.splitlessUptimeMs ?? 15_000;
  const http = createEngineHttp({ url, maxBytes: options.maxBytes ?? 16 * 1024 * 1024 });
  /** The header that this engine was last seen to take. */
  let known: { readonly label: string; readonly prefix: HeaderPrefix } | null = null;

  const get = (path: string, signal: AbortSignal, prefix?: HeaderPrefix) =>
    http.send({
      method: 'GET',
      path,
      headers: prefix === undefined ? {} : makeAgentHeaders(prefix),
      signal,
      timeoutMs,
    });

  /** The running queries, and the header style that got them; a reason where neither style did. */
  const listQueries = async (profile: EngineProfile, signal: AbortSignal): Promise<QueryList> => {
    const prefixes = known?.label === profile.label ? [known.prefix] : profile.headerPrefixes;
    let reason = '';
    for (const prefix of prefixes) {
      const answer = await get(profile.queriesPath, signal, prefix);
      if (answer.kind === 'failed') return { queries: null, reason: answer.reason };
      const queries = answer.status < 300 ? parseRunningQueries(answer.body) : null;
      if (queries !== null) {
        known = { label: profile.label, prefix };
        return { queries, prefix };
      }
      reason = `HTTP status ${answer.status} to /v1/query`;
    }
    known = null;
    return { queries: null, reason };
  };

  const probe: EngineProbe['probe'] = async ({ run, runStartedAt, catalogs, isServingKnown, signal }) => {
    const at = clock.now();
    const look = { run, at, missingCatalogs: [], queries: [], backendError: null, engine: null };
    const answer = await get('/v1/info', signal);
    if (answer.kind === 'failed') {
      return { ...look, state: 'unreachable', message: `${url}: ${answer.reason}` };
    }
    const fields = readFields(answer.body);
    const version = readFields(fields.nodeVersion).version;
    if (answer.status >= 300 || typeof version !== 'string') {
      const message = `${url}/v1/info answers HTTP status ${answer.status} and names no version: no engine`;
      return { ...look, state: 'unreachable', message };
    }
    const uptime = typeof fields.uptime === 'string' ? parseEngineDuration(fields.uptime) : null;
    const sinceStartMs = Math.max(0, clock.now() - runStartedAt);
    if (uptime !== null && uptime.ms - uptime.errorMs > sinceStartMs + UPTIME_SLACK_MS) {
      const message =
        `another process answers at ${url}: it is up for ${String(fields.uptime)}, ` +
        `but this run began ${Math.round(sinceStartMs / 1000)} s ago`;
      return { ...look, state: 'unreachable', message };
    }
    const profile = findEngineProfile(version, engineName());
    const seen = { ...look, engine: profile.label };
    if (fields.starting === true) return { ...seen, state: 'starting', message: 'the engine is starting' };

    const list = await listQueries(profile, signal);
    if (list.queries === null) {
      return {
        ...seen,
        state: 'unreachable',
        message: `the engine does not list its queries: ${list.reason}`,
      };
    }
    const { queries, prefix } = list;
    if (isServingKnown) return { ...seen, queries, state: 'serving', message: 'serving' };

    return withTimeLimit(signal, proofTimeoutMs, async (deadline): Promise<Probe> => {
      const runSql = (sql: string) =>
        runStatement({ http, prefix, sql, deadline, timeoutMs: proofTimeoutMs });
      const listed = await runSql(LIST_CATALOGS);
      if (listed.kind !== 'rows') {
        const reason = listed.kind === 'failed' ? listed.reason : listed.error.message;
        return { ...seen, queries, state: 'started', message: `cannot list the catalogs: ${reason}` };
      }
      const found = parseListedCatalogs(listed.rows);
      const missingCatalogs = catalogs.filter((catalog) => !found.some(({ name }) => name === catalog));
      if (missingCatalogs.length > 0) {
        const message = `the engine does not list ${missingCatalogs.join(', ')}`;
        return { ...seen, queries, missingCatalogs, state: 'started', message };
      }
      const proof = await proveServing({
        run: runSql,
        catalogs: found.filter(({ name }) => catalogs.includes(name)),
        proofQuery,
      });
      const isLongUp = uptime === null || uptime.ms >= splitlessUptimeMs;
      return { ...seen, queries, ...toServing(proof, isLongUp) };
    });
  };

  return { probe };
}

type QueryList =
  | { readonly queries: readonly RunningQuery[]; readonly prefix: HeaderPrefix }
  | { readonly queries: null; readonly reason: string };

/**
 * Without a table or a backend no split can be scheduled, so age has to do: the "No nodes available" phase ends
 * 2 to 8 s after start, when the coordinator has discovered itself.
 */
function toServing(proof: Proof, isLongUp: boolean): Pick<Probe, 'state' | 'backendError' | 'message'> {
  const { kind, backendError, message } = proof;
  const isServing = kind === 'proven' || (kind !== 'not-yet' && isLongUp);
  return { state: isServing ? 'serving' : 'started', backendError, message };
}
