import { findEngineProfile, type HeaderPrefix } from '../core/engine/profile.ts';
import { readFields } from '../core/engine/queries.ts';
import { chooseColumns, readAttributeRows } from '../core/schema/attribute-rows.ts';
import type { DatomicSchema } from '../core/schema/datomic-schema.ts';
import { createEngineHttp, type EngineHttp } from './engine-http.ts';
import { runStatement } from './engine-statement.ts';

export type GatewaySchema =
  | { readonly kind: 'schema'; readonly schema: DatomicSchema }
  /** The engine did not answer, or refused a query. `reason` is for people. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** `db__attrs` does not look as expected; the columns that it has. */
  | { readonly kind: 'strange'; readonly columns: readonly string[] };

type Rows = readonly (readonly unknown[])[];

const MAX_BYTES = 64 * 1024 * 1024;
/** The first query of a database makes the connector load it. */
const TIMEOUT_MS = 60_000;

/**
 * Asks the engine at `url` for the attributes of a database: the connector shows them as the table `db__attrs` in
 * every database. Never rejects.
 */
export async function readGatewaySchema(options: {
  readonly url: string;
  readonly catalog: string;
  readonly database: string;
}): Promise<GatewaySchema> {
  const { url, catalog, database } = options;
  const http = createEngineHttp({ url, maxBytes: MAX_BYTES });
  const ask = createAsker(http, await findPrefixes(http));
  const table = (name: string) => [catalog, database, name].map(quote).join('.');
  const described = await ask(`SHOW COLUMNS FROM ${table('db__attrs')}`);
  if (described.kind === 'failed') return described;
  const columns = described.rows.map(([name]) => String(name));
  const chosen = chooseColumns(columns);
  if (chosen === null) return { kind: 'strange', columns };

  const selected = [chosen.ident, chosen.valueType, chosen.cardinality].map((name) =>
    name === null ? 'NULL' : quote(name),
  );
  const found = await ask(`SELECT ${selected.join(', ')} FROM ${table('db__attrs')}`);
  if (found.kind === 'failed') return found;
  const hasIds = found.rows.some((row) => row.some((value) => typeof value === 'number'));
  const idents = hasIds
    ? await ask(`SELECT db__id, ident FROM ${table('db__idents')} WHERE ident LIKE '%db.%'`)
    : NO_ROWS;
  if (idents.kind === 'failed') return idents;
  const schema = readAttributeRows(
    `${catalog}.${database}`,
    found.rows,
    new Map(idents.rows.map(([id, ident]) => [String(id), String(ident)])),
  );
  return schema === null ? { kind: 'strange', columns } : { kind: 'schema', schema };
}

/** What `runStatement` keeps at most; attributes beyond would be taken for missing. */
const MAX_ROWS = 10_000;
const TOO_MANY = { kind: 'failed', reason: `there are ${MAX_ROWS} attributes or more` } as const;
const NO_ROWS = { kind: 'rows', rows: [] as Rows } as const;
const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

async function findPrefixes(http: EngineHttp): Promise<readonly HeaderPrefix[]> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await http.send({ method: 'GET', path: '/v1/info', signal, timeoutMs: TIMEOUT_MS });
  const { version } = readFields(readFields(answer.kind === 'answered' ? answer.body : null).nodeVersion);
  return findEngineProfile(typeof version === 'string' ? version : '', null).headerPrefixes;
}

/** Runs a statement with the first header style that the engine takes. */
function createAsker(http: EngineHttp, prefixes: readonly HeaderPrefix[]) {
  return async (sql: string): Promise<{ kind: 'rows'; rows: Rows } | { kind: 'failed'; reason: string }> => {
    let reason = '';
    for (const prefix of prefixes) {
      const deadline = AbortSignal.timeout(TIMEOUT_MS);
      const outcome = await runStatement({ http, prefix, sql, deadline, timeoutMs: TIMEOUT_MS });
      if (outcome.kind === 'rows') return outcome.rows.length < MAX_ROWS ? outcome : TOO_MANY;
      if (outcome.kind === 'refused') return { kind: 'failed', reason: outcome.error.message };
      reason = outcome.reason;
    }
    return { kind: 'failed', reason };
  };
}
