import type { DatomicSchema } from '../core/schema/datomic-schema.ts';

/** `reason` is for people. */
export interface NotAnswered {
  readonly kind: 'failed';
  readonly reason: string;
}

export interface Names {
  readonly kind: 'names';
  readonly names: readonly string[];
}

/**
 * Asks the engine through SQL what is there, as the agent's own user: such queries do not count for a drain. No call
 * rejects; each ends by its own deadline, and cancels its query then or when `signal` aborts.
 */
export interface EngineTables {
  /** The schemas of a catalog: with Datomic its databases. */
  schemas(catalog: string, signal: AbortSignal): Promise<Names | NotAnswered>;
  tables(catalog: string, schema: string, signal: AbortSignal): Promise<Names | NotAnswered>;
  /** The attributes that a database has, from its table `db__attrs`. */
  attributes(
    catalog: string,
    schema: string,
    signal: AbortSignal,
  ): Promise<{ readonly kind: 'schema'; readonly schema: DatomicSchema } | NotAnswered>;
}
