/** What was done when and why: one line for each applied action that a person would want to know of. */
import type { Action } from './actions.ts';
import { type Decoder, nullable, shape, text } from './decode.ts';
import { printInstant } from './instant.ts';
import type { Memory } from './memory.ts';

export interface HistoryEntry {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly what: string;
  /** One sentence. */
  readonly why: string;
  /** Of the release that it is about. */
  readonly digest: string | null;
  readonly by: string | null;
}

export const historyEntry: Decoder<HistoryEntry> = shape<HistoryEntry>({
  at: text,
  what: text,
  why: text,
  digest: nullable(text),
  by: nullable(text),
});

type Line = { readonly what: string; readonly why?: string; readonly digest?: string; readonly by?: string };

/** Digest and author of the release that `digest` names, as far as the memory knows it. */
const release = ({ desired, proven }: Memory, digest: string) => {
  const known = [desired, proven].find((facts) => facts?.digest === digest);
  return { digest, ...(known == null ? {} : { by: known.origin.by }) };
};

const list = (paths: readonly string[]): string => {
  const shown = paths.slice(0, 10).join(', ');
  return paths.length > 10 ? `${shown} and ${paths.length - 10} more` : shown;
};

/** null: deadlines and bookkeeping, which would only hide what happened. */
function lineOf(action: Action, memory: Memory, requestedBy: (id: string) => string | null): Line | null {
  switch (action.kind) {
    case 'move-group':
      if (memory.group === null || memory.group.name === action.group.name) return null;
      return { what: 'group moved', why: `from ${memory.group.name} to ${action.group.name}` };
    case 'refuse':
      return { what: 'refused', by: action.refusal.by };
    case 'hold':
      return { what: 'held', why: list(action.exposure.paths.map(({ path }) => path)) };
    case 'keep':
      return action.kept === null
        ? { what: 'kept ended' }
        : { what: 'kept', why: list(action.kept.paths), digest: action.kept.from };
    case 'acknowledge': {
      const known = memory.acknowledgements;
      const added = action.acknowledgements.find((yes) => !known.some(({ at }) => at === yes.at));
      if (added === undefined) return null;
      const paths = list(added.paths.map(({ path }) => path));
      return { what: `${added.kind} allowed`, why: paths, by: added.by };
    }
    case 'adopt':
      return { what: 'desired', digest: action.release.digest, by: action.release.origin.by };
    case 'publish':
      return {
        what: action.drift.length > 0 ? 'repaired' : 'published',
        ...(action.drift.length > 0 ? { why: list(action.drift) } : {}),
        ...release(memory, action.digest),
      };
    case 'start':
    case 'restart': {
      const by = action.requestId === null ? null : requestedBy(action.requestId);
      return { what: action.kind === 'start' ? 'started' : 'restarted', ...(by === null ? {} : { by }) };
    }
    case 'stop':
      return { what: 'stopped', why: action.why };
    case 'count-exit':
      return { what: 'ended by itself', why: action.exit.detail };
    case 'serve':
      return { what: 'serving', ...release(memory, action.digest) };
    case 'prove':
      return { what: 'proven', digest: action.release.digest, by: action.release.origin.by };
    case 'quarantine': {
      const { digest, reason } = action.quarantine;
      return { what: 'quarantined', why: reason, ...release(memory, digest) };
    }
    case 'retry':
      return { what: 'tried again', ...release(memory, action.digest) };
    case 'lift-quarantine':
      return { what: 'quarantine lifted' };
    case 'back-off':
      return { what: 'backed off', why: action.why };
    case 'recover':
      return { what: 'well again' };
    case 'pause':
      return { what: 'paused', why: action.pause.reason, by: action.pause.by };
    case 'end-pause':
      return { what: 'pause ended' };
    case 'answer': {
      const by = requestedBy(action.id);
      return {
        what: `request ${action.outcome}`,
        why: `${action.id}: ${action.reason}`,
        ...(by === null ? {} : { by }),
      };
    }
    default:
      return null;
  }
}

/**
 * The line of an action that was just applied, or null. `memory` is that of before the action, `reason` the plan's,
 * `requestedBy` who made a request.
 */
export function historyOf(options: {
  readonly action: Action;
  readonly memory: Memory;
  readonly reason: string;
  readonly requestedBy: (id: string) => string | null;
  readonly now: number;
}): HistoryEntry | null {
  const { action, memory, reason, requestedBy, now } = options;
  const line = lineOf(action, memory, requestedBy);
  if (line === null) return null;
  const { what, why = reason, digest = null, by = null } = line;
  return { at: printInstant(now), what, why, digest, by };
}
