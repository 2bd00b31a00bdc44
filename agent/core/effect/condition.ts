import type { ConditionDraft } from '../condition-types.ts';
import type { Effect, MetaschemaEffect } from './effect.ts';

const SHOWN = 3;

/** What condition `MetaschemaEffect` says; null where there is nothing to look for. */
export function effectCondition(effect: Effect | null): ConditionDraft | null {
  if (effect === null || effect.metaschemas.length === 0) return null;
  const of = (state: MetaschemaEffect['state']) => effect.metaschemas.filter((one) => one.state === state);
  const type = 'MetaschemaEffect';
  const missing = of('missing');
  if (missing.length > 0) {
    const told = missing
      .slice(0, SHOWN)
      .map(({ path, reason }) => `${path} makes no table${reason === null ? '' : `: ${reason}`}`);
    return { type, status: 'False', reason: 'Missing', message: `${told.join('; ')}${more(missing.length)}` };
  }
  const [later, unknown] = [of('not-yet'), of('unknown')];
  if (later.length > 0) {
    const paths = later.slice(0, SHOWN).map(({ path }) => path);
    const message = `the tables of ${paths.join(', ')}${more(later.length)} have not appeared yet`;
    return { type, status: 'Unknown', reason: 'NotYetSeen', message };
  }
  if (unknown.length > 0) {
    const paths = unknown.slice(0, SHOWN).map(({ path }) => path);
    const why = effect.unlooked.length > 0 ? effect.unlooked.join(', ') : 'the engine does not answer';
    const message = `whether the tables of ${paths.join(', ')}${more(unknown.length)} are there cannot be told: ${why}`;
    return { type, status: 'Unknown', reason: 'CannotTell', message };
  }
  const count = effect.metaschemas.length;
  const message =
    count === 1 ? 'the metaschema has made its tables' : `all ${count} metaschemas have made their tables`;
  return { type, status: 'True', reason: 'Seen', message };
}

const more = (count: number) => (count > SHOWN ? ` and ${count - SHOWN} more` : '');
