import {
  formatFindTable,
  formatListSchemas,
  formatProofQuery,
  formatScan,
  type ListedCatalog,
} from '../core/engine/proof-query.ts';
import { classifyQueryError } from '../core/engine/statement.ts';
import type { StatementOutcome } from './engine-statement.ts';

export interface Proof {
  /**
   * - `proven`: a query that schedules a split came back.
   * - `backend`: nothing but errors of a backend came back: the engine works, what it asks does not.
   * - `nothing-to-read`: no catalog has a table, so there is nothing that a client could miss.
   * - `not-yet`: the engine cannot schedule a split yet.
   */
  readonly kind: 'proven' | 'backend' | 'nothing-to-read' | 'not-yet';
  /** The first error of a backend on the way, whatever the outcome. */
  readonly backendError: string | null;
  readonly message: string;
}

type Run = (sql: string) => Promise<StatementOutcome>;

/** Tries one catalog after the other until one query that schedules a split came back. Never rejects. */
export async function proveServing(options: {
  readonly run: Run;
  readonly catalogs: readonly ListedCatalog[];
  /** The setting `analytics.proofQuery`: asked instead of everything else. */
  readonly proofQuery: string | null;
}): Promise<Proof> {
  const { run, catalogs, proofQuery } = options;
  const tries =
    proofQuery === null
      ? catalogs.map((catalog) => () => proveCatalog(run, catalog))
      : [async () => withOwnMistake(judge(await run(proofQuery), 'analytics.proofQuery'))];
  let backendError: string | null = null;
  for (const attempt of tries) {
    const proof = await attempt();
    backendError ??= proof.backendError;
    if (proof.kind === 'proven' || proof.kind === 'not-yet') return { ...proof, backendError };
  }
  return backendError === null
    ? { kind: 'nothing-to-read', backendError, message: 'no catalog has a table to read' }
    : { kind: 'backend', backendError, message: `a backend fails: ${backendError}` };
}

/** A query of the settings that cannot be asked is somebody's mistake, and has to be seen. */
function withOwnMistake(proof: Proof): Proof {
  return proof.kind === 'nothing-to-read'
    ? { ...proof, kind: 'backend', backendError: proof.message }
    : proof;
}

async function proveCatalog(run: Run, catalog: ListedCatalog): Promise<Proof> {
  const listed = await run(formatListSchemas(catalog.name));
  if (listed.kind !== 'rows') return judge(listed, catalog.name);
  const schemas = listed.rows.flatMap(([schema]) => (typeof schema === 'string' ? [schema] : []));
  const known = formatProofQuery(catalog, schemas);
  if (known !== null) {
    const proof = judge(await run(known), catalog.name);
    if (proof.kind !== 'nothing-to-read') return proof;
  }
  const found = await run(formatFindTable(catalog.name));
  if (found.kind !== 'rows') return judge(found, catalog.name);
  const scan = formatScan(catalog.name, found.rows[0]);
  if (scan !== null) return judge(await run(scan), catalog.name);
  return { kind: 'nothing-to-read', backendError: null, message: `${catalog.name} has no table` };
}

function judge(outcome: StatementOutcome, where: string): Proof {
  switch (outcome.kind) {
    case 'rows':
      return { kind: 'proven', backendError: null, message: `a table of ${where} was read` };
    case 'failed':
      return { kind: 'not-yet', backendError: null, message: `proof query on ${where}: ${outcome.reason}` };
    case 'refused': {
      const { message } = outcome.error;
      const kind = classifyQueryError(outcome.error);
      if (kind === 'not-yet') return { kind, backendError: null, message: `${where}: ${message}` };
      return kind === 'backend'
        ? { kind, backendError: `${where}: ${message}`, message: `${where}: ${message}` }
        : { kind: 'nothing-to-read', backendError: null, message: `${where}: ${message}` };
    }
  }
}
