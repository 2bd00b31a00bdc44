import { quoteName } from '../core/engine/proof-query.ts';
import type { EngineTables, Names, NotAnswered } from '../ports/tables.ts';
import { type Answer, type Asker, createAsker } from './engine-asker.ts';
import { createEngineHttp } from './engine-http.ts';
import { readSchemaOf } from './gateway-schema.ts';

/** Lists of names and attributes; what is larger than this is no such list. */
const MAX_BYTES = 8 * 1024 * 1024;
/** The first query of a database makes the connector load it. */
const TIMEOUT_MS = 30_000;

/** Asks the engine at `url`, plain HTTP on this machine. */
export function createEngineTables({ url }: { readonly url: string }): EngineTables {
  const http = createEngineHttp({ url, maxBytes: MAX_BYTES });
  const askerFor = (signal: AbortSignal): Promise<Asker> =>
    createAsker({ http, signal, timeoutMs: TIMEOUT_MS });
  return {
    schemas: async (catalog, signal) =>
      toNames(await (await askerFor(signal))(`SHOW SCHEMAS FROM ${quoteName(catalog)}`)),
    tables: async (catalog, schema, signal) =>
      toNames(await (await askerFor(signal))(`SHOW TABLES FROM ${quoteName(catalog)}.${quoteName(schema)}`)),
    attributes: async (catalog, schema, signal) => {
      const read = await readSchemaOf(await askerFor(signal), { catalog, database: schema });
      return read.kind === 'strange'
        ? { kind: 'failed', reason: `db__attrs has the columns ${read.columns.join(', ')}` }
        : read;
    },
  };
}

function toNames(answer: Answer): Names | NotAnswered {
  if (answer.kind === 'failed') return answer;
  return { kind: 'names', names: answer.rows.flatMap(([name]) => (typeof name === 'string' ? [name] : [])) };
}
