/** Whether the tables of the published metaschemas have appeared. Pure. */
import type { Expectation, ListedDatabase } from './expected.ts';

/** What a look at a database showed. */
export type DatabaseLook =
  | { readonly kind: 'tables'; readonly tables: readonly string[] }
  /** The catalog does not show it. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly reason: string };

/** `unknown`: a database that might show it could not be asked, or is not looked at. */
export type EffectState = 'seen' | 'not-yet' | 'missing' | 'unknown';

export interface DatabaseEffect extends ListedDatabase {
  readonly state: EffectState;
  /** Of the metaschema's tables, those that this database does not show. */
  readonly missing: readonly string[];
}

export interface MetaschemaEffect {
  readonly path: string;
  /** `seen` when one database shows all its tables: one that has another schema is none of its business. */
  readonly state: EffectState;
  readonly databases: readonly DatabaseEffect[];
  /** The likely reason where it is missing; null where it is not, or not known yet. */
  readonly reason: string | null;
}

export interface Effect {
  readonly metaschemas: readonly MetaschemaEffect[];
  readonly unlooked: readonly string[];
}

export const keyOf = ({ catalog, database }: ListedDatabase): string => `${catalog}.${database}`;

/** `looks` by `keyOf`; a database without a look was not asked yet. `isOver`: the time to appear has passed. */
export function judgeEffect(options: {
  readonly expectation: Expectation;
  readonly looks: ReadonlyMap<string, DatabaseLook>;
  readonly isOver: boolean;
  readonly reasons: ReadonlyMap<string, string>;
}): Effect {
  const { expectation, looks, isOver, reasons } = options;
  // Every metaschema asks every database: a database with thousands of tables is searched thousands of times.
  const shownIn = new Map(
    [...looks].map(([key, look]) => [key, new Set(look.kind === 'tables' ? look.tables : [])] as const),
  );
  const metaschemas = expectation.metaschemas.map(({ path, tables }): MetaschemaEffect => {
    const databases = expectation.databases.map((database): DatabaseEffect => {
      const look = looks.get(keyOf(database));
      const shown = shownIn.get(keyOf(database));
      const missing = tables.filter((name) => shown?.has(name) !== true);
      return { ...database, state: stateIn(look, missing.length, isOver), missing };
    });
    const asked = worstButSeen(databases.map((database) => database.state));
    const state = asked === 'missing' && expectation.unlooked.length > 0 ? 'unknown' : asked;
    return { path, state, databases, reason: state === 'missing' ? (reasons.get(path) ?? null) : null };
  });
  return { metaschemas, unlooked: expectation.unlooked };
}

function stateIn(look: DatabaseLook | undefined, missing: number, isOver: boolean): EffectState {
  if (look === undefined) return isOver ? 'unknown' : 'not-yet';
  if (look.kind === 'tables' && missing === 0) return 'seen';
  if (!isOver) return 'not-yet';
  return look.kind === 'failed' ? 'unknown' : 'missing';
}

/** Somewhere seen is seen. What could not be asked may yet show it, so it is not missing. */
function worstButSeen(states: readonly EffectState[]): EffectState {
  for (const state of ['seen', 'not-yet', 'unknown'] as const) if (states.includes(state)) return state;
  return 'missing';
}
