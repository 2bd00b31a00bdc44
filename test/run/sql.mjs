#!/usr/bin/env node
// A client of the engines' HTTP protocol: sends one statement and prints its rows, tab separated.
//
//   node test/run/sql.mjs http://127.0.0.1:PORT 'SELECT …'

import { fileURLToPath } from 'node:url';

const USER = 'analyst';

/** What the engine answers instead of rows. `name` is its own, such as SYNTAX_ERROR. */
export class SqlError extends Error {
  constructor({ errorName, message }) {
    super(message);
    this.name = errorName ?? 'SqlError';
  }
}

/**
 * Runs a statement to its end and resolves with its rows; rejects with SqlError for the engine's own error, else with
 * that of the connection. Up to PrestoSQL 350 the headers are X-Presto-…, from Trino 351 on X-Trino-…: a server takes
 * one of them and passes over the other, so both are sent. `onStart` is told the query's id.
 */
export async function runSql(url, sql, { user = USER, signal = undefined, onStart = () => undefined } = {}) {
  const headers = { 'x-presto-user': user, 'x-trino-user': user };
  const ask = async (address, init) => {
    const response = await fetch(address, { ...init, headers, signal });
    if (!response.ok) throw new Error(`HTTP status ${response.status} to ${address}`);
    return response.json();
  };
  const rows = [];
  let page = await ask(`${url}/v1/statement`, { method: 'POST', body: sql });
  onStart(page.id);
  for (;;) {
    if (page.error !== undefined) throw new SqlError(page.error);
    rows.push(...(page.data ?? []));
    if (page.nextUri === undefined) return rows;
    page = await ask(page.nextUri, {});
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url, sql] = process.argv.slice(2);
  if (sql === undefined) {
    process.stderr.write("usage: sql.mjs http://127.0.0.1:PORT 'SELECT …'\n");
    process.exit(2);
  }
  try {
    for (const row of await runSql(url, sql)) process.stdout.write(`${row.join('\t')}\n`);
  } catch (error) {
    process.stderr.write(`sql: ${error.cause?.code ?? error.name}: ${error.message}\n`);
    process.exitCode = 1;
  }
}
