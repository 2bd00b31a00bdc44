import { chooseColumns, readAttributeRows } from '../core/schema/attribute-rows.ts';
import type { DatomicSchema } from '../core/schema/datomic-schema.ts';
import { type Asker, createAsker } from './engine-asker.ts';
import { createEngineHttp } from './engine-http.ts';

export type GatewaySchema =
  | { readonly kind: 'schema'; readonly schema: DatomicSchema }
  /** The engine did not answer, or refused a query. `reason` is for people. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** `db__attrs` does not look as expected; the columns that it has. */
  | { readonly kind: 'strange'; readonly columns: readonly string[] };

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
  const { signal } = new AbortController();
  return readSchemaOf(await createAsker({ http, signal, timeoutMs: TIMEOUT_MS }), { catalog, database });
}

/** The same, asked through `ask`. */
export async function readSchemaOf(
  ask: Asker,
  { catalog, database }: { readonly catalog: string; readonly database: string },
): Promise<GatewaySchema> {
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

const NO_ROWS = { kind: 'rows', rows: [] as readonly unknown[][] } as const;
const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
