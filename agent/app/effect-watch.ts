/**
 * Looks beside the cycle whether the tables of the published metaschemas appear in SQL.
 *
 * INVARIANTS
 * - One look at a time, of a bounded number of statements; a look ends when what it was for is no longer live.
 * - Nothing is remembered: a restarted agent looks anew.
 */

import type { EffectAim } from '../core/effect/aim.ts';
import { effectCondition } from '../core/effect/condition.ts';
import { type DatabaseLook, type Effect, judgeEffect, keyOf } from '../core/effect/effect.ts';
import { type Expectation, expectEffect, findSchema, type ListedDatabase } from '../core/effect/expected.ts';
import { likelyReason, type SchemaLook } from '../core/effect/reason.ts';
import { joinSignals } from '../core/join-signals.ts';
import { redact, secretsOf } from '../core/secrets.ts';
import type { EngineTables } from '../ports/tables.ts';
import type { Clock, Log, ReleaseStore } from '../ports.ts';

export interface EffectWatch {
  /** What to look at from now on; null: nothing, since nothing is live or the engine does not serve. */
  aim(next: EffectAim | null): void;
  /** The newest finding about what is aimed at; null without one. */
  latest(): Effect | null;
  /** Resolves when the signal aborts. Call once. */
  run(signal: AbortSignal): Promise<void>;
}

/** Looks until the time is over, at the most. */
const LOOKS = 12;
const SHORTEST_GAP_MS = 500;
/** What is missing after its time is looked for again at this distance: a database may get the attributes later. */
const LATE_GAP_MS = 60_000;
/** A look asks nothing more after this: where statements hang, one or two of them are enough to know. */
const LONGEST_LOOK_MS = 30_000;
/** Databases whose attributes are read to find a reason. */
const MOST_SCHEMAS = 3;

interface Work {
  readonly since: number;
  readonly expectation: Expectation;
  readonly looks: Map<string, DatabaseLook>;
  /** Of the release: what an engine says of an error may quote a password. */
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

/** `withinMs` is the time in which tables should appear; 0 turns all of it off. `onResult`: something else is known. */
export function createEffectWatch(parts: {
  readonly tables: EngineTables;
  readonly store: Pick<ReleaseStore, 'read'>;
  readonly clock: Clock;
  readonly withinMs: number;
  readonly log: Log;
  readonly onResult: () => void;
}): EffectWatch {
  const { tables, store, clock, log, withinMs } = parts;
  let aim: EffectAim | null = null;
  let changed = new AbortController();
  let effect: Effect | null = null;

  const tell = (next: Effect) => {
    if (JSON.stringify(next) === JSON.stringify(effect)) return;
    const before = effectCondition(effect)?.message;
    effect = next;
    parts.onResult();
    const said = effectCondition(next);
    if (said === null || said.message === before) return;
    if (said.reason === 'Missing') log.warn({ event: 'metaschema.missing' }, said.message);
    if (said.reason === 'Seen') log.info({ event: 'metaschema.seen' }, said.message);
  };

  const lookAtCatalog = async (
    catalog: string,
    wanted: readonly ListedDatabase[],
    work: Work,
    isLate: () => boolean,
  ) => {
    const schemas = await tables.schemas(catalog, work.signal);
    for (const database of wanted) {
      if (work.signal.aborted || isLate()) return;
      const schema = schemas.kind === 'names' ? findSchema(database.database, schemas.names) : null;
      const found = schema === null ? null : await tables.tables(catalog, schema, work.signal);
      const look: DatabaseLook =
        schemas.kind === 'failed'
          ? schemas
          : found === null
            ? { kind: 'absent' }
            : found.kind === 'failed'
              ? found
              : { kind: 'tables', tables: found.names };
      work.looks.set(keyOf(database), look);
    }
  };

  /** Reads what the databases have, as far as it takes to say why nothing appears. */
  const findReasons = async (work: Work, missing: readonly string[]) => {
    const { expectation, looks, secrets, signal } = work;
    const databases = expectation.databases.filter(
      (database) => looks.get(keyOf(database))?.kind === 'tables',
    );
    const schemas = new Map<string, SchemaLook>();
    for (const { catalog, database } of databases.slice(0, MOST_SCHEMAS)) {
      const listed = await tables.schemas(catalog, signal);
      const schema = listed.kind === 'names' ? findSchema(database, listed.names) : null;
      if (schema === null) continue;
      schemas.set(keyOf({ catalog, database }), await tables.attributes(catalog, schema, signal));
    }
    return new Map(
      expectation.metaschemas
        .filter(({ path }) => missing.includes(path))
        .map((expected) => [
          expected.path,
          redact(likelyReason({ expected, databases: expectation.databases, looks, schemas }), secrets),
        ]),
    );
  };

  /** One look at all databases; resolves with whether there is nothing left to look for. */
  const look = async (work: Work): Promise<boolean> => {
    const { expectation, looks, since, signal } = work;
    const beganAt = clock.now();
    const isLate = () => clock.now() - beganAt >= LONGEST_LOOK_MS;
    for (const catalog of new Set(expectation.databases.map((database) => database.catalog))) {
      const wanted = expectation.databases.filter((database) => database.catalog === catalog);
      if (!isLate()) await lookAtCatalog(catalog, wanted, work, isLate);
    }
    const isOver = clock.now() - since >= withinMs;
    const judge = (reasons: ReadonlyMap<string, string>) =>
      judgeEffect({ expectation, looks, isOver, reasons });
    const first = judge(new Map());
    const missing = first.metaschemas.filter(({ state }) => state === 'missing').map(({ path }) => path);
    const judged = missing.length === 0 ? first : judge(await findReasons(work, missing));
    if (signal.aborted) return true;
    tell(judged);
    const isAllSeen = judged.metaschemas.every(({ databases }) =>
      databases.every(({ state }) => state === 'seen'),
    );
    return isAllSeen || (isOver && judged.metaschemas.every(({ state }) => state === 'seen'));
  };

  const follow = async (target: EffectAim, signal: AbortSignal) => {
    // What cannot be read is the cycle's to report: it reads the same release.
    const release = await store.read(target.digest).catch(() => null);
    if (release === null) return;
    const expectation = expectEffect(release.etc);
    if (expectation.metaschemas.length === 0 || expectation.databases.length === 0) return;
    const work: Work = {
      since: clock.now(),
      expectation,
      looks: new Map(),
      secrets: secretsOf(release.etc),
      signal,
    };
    while (!signal.aborted && !(await look(work))) {
      const leftMs = work.since + withinMs - clock.now();
      const gapMs = Math.max(SHORTEST_GAP_MS, withinMs / LOOKS);
      await clock.sleep(leftMs > 0 ? Math.min(gapMs, leftMs) : Math.max(LATE_GAP_MS, gapMs), signal);
    }
  };

  return {
    aim: (next) => {
      if (next?.digest === aim?.digest && next?.run === aim?.run) return;
      aim = next;
      // What was found about another release or run says nothing about this one.
      effect = null;
      changed.abort();
    },
    latest: () => effect,
    run: async (signal) => {
      while (!signal.aborted && withinMs > 0) {
        changed = new AbortController();
        const { signal: either } = joinSignals(signal, changed.signal);
        if (aim !== null) await follow(aim, either);
        // Nothing left to do until something else is live.
        if (!either.aborted)
          await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }));
      }
    },
  };
}
