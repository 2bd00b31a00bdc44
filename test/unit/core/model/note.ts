/** Writes down what happens, as it happens. */
import type { Memory } from '../../../../agent/core/memory.ts';
import type { OpenRequest } from '../../../../agent/core/observed.ts';
import type { Files } from '../../../fakes/plan-source.ts';
import { type Happening, isSameEntry, lastRun, type Notes, pausedNow } from './notes.ts';

const isHeld = ({ status, cut }: Notes, { hold, snapshot }: Extract<OpenRequest, { kind: 'allow' }>) =>
  hold === 'exposure'
    ? status.exposure?.snapshot === snapshot
    : cut !== null && status.kept[cut.group]?.snapshot === snapshot;

function noteStatus(notes: Notes, memory: Memory) {
  const { desired, proven, quarantined, exposure, kept, refused, paused } = memory;
  for (const entry of quarantined) {
    if (isSameEntry(notes, entry)) continue;
    const { fingerprint, digest, kind } = entry;
    notes.failures.push({ fingerprint, digest, kind, at: notes.at, isLifted: false });
  }
  for (const failure of notes.failures) {
    const isOther =
      failure.fingerprint === null
        ? desired?.digest !== failure.digest
        : desired?.fingerprint !== failure.fingerprint;
    if (isOther || proven?.fingerprint === failure.fingerprint) failure.isLifted = true;
  }
  if (proven !== null) notes.baselines.set(proven.group, proven);
  notes.status = { desired, proven, quarantined, exposure, kept, refused, paused };
}

function noteAnswer(notes: Notes, id: string, outcome: string) {
  const asked = notes.asked.get(id);
  if (asked === undefined || asked.isAnswered) return;
  asked.isAnswered = true;
  const { request } = asked;
  if (outcome !== 'done') return;
  if (request.kind === 'pause')
    notes.pause = { until: request.forMs === null ? null : notes.now + request.forMs, at: notes.at };
  if (request.kind === 'resume') notes.pause = null;
  if (request.kind === 'retry') {
    notes.retriedAt = notes.at;
    for (const failure of notes.failures) failure.isLifted = true;
  }
}

function noteCut(notes: Notes, files: Files) {
  if (!files.isBroken) {
    const isSame = notes.cut !== null && notes.cut.group === files.group;
    // Until something is proven, nothing reflects it.
    const isKept = (isAsked: boolean) => isSame && (isAsked || !notes.baselines.has(files.group));
    const allows = (kind: 'exposure' | 'deletion') => files.allow.includes(kind);
    // A yes goes with what it was said to.
    notes.yes.exposure = allows('exposure') || (notes.yes.exposure && isKept(files.shows === 'all'));
    notes.yes.deletion = allows('deletion') || (notes.yes.deletion && isKept(files.metaschema === null));
  }
  notes.cut = files;
}

/** Writes down what happened; after it was judged. */
export function note(notes: Notes, event: Happening): void {
  switch (event.kind) {
    case 'began': {
      const isOfAgent = event.cause !== 'automatic';
      const { proven, quarantined } = notes.status;
      const isRollback =
        isOfAgent && quarantined.length > 0 && event.release.fingerprint === proven?.fingerprint;
      const { run: id, release, how, replaces } = event;
      const life = { beganAt: notes.at, servedAt: null, endedAt: null, exit: null };
      notes.runs.push({ id, release, how, isOfAgent, isRollback, replaces, ...life });
      break;
    }
    case 'ended': {
      const run = lastRun(notes);
      if (run !== null) Object.assign(run, { endedAt: notes.at, exit: event.exit });
      break;
    }
    case 'serving': {
      const run = lastRun(notes);
      if (run !== null) run.servedAt = notes.at;
      break;
    }
    case 'live':
      if (notes.live?.digest !== event.release.digest) notes.liveSince = notes.at;
      Object.assign(notes, { live: event.release, isLiveWhole: event.isWhole });
      break;
    case 'remembered':
      noteStatus(notes, event.memory);
      break;
    case 'answered':
      noteAnswer(notes, event.answer.id, event.answer.outcome);
      break;
    case 'asked':
      if (notes.asked.has(event.request.id)) break;
      notes.asked.set(event.request.id, {
        request: event.request,
        at: notes.at,
        runs: notes.runs.length,
        wasPaused: pausedNow(notes),
        isAnswered: false,
      });
      // It may count before it is answered: the agent can be killed between.
      if (event.request.kind === 'allow' && isHeld(notes, event.request)) {
        notes.yes[event.request.hold] = true;
      }
      break;
    case 'cut':
      noteCut(notes, event.files);
      break;
    case 'clock-set':
      notes.clockSetAt = notes.at;
      break;
    case 'reboot':
      notes.bootedAt = notes.at;
      break;
    case 'agent-died':
      notes.diedAt = notes.at;
      break;
    case 'agent-away':
      Object.assign(notes, { awayAt: notes.at, isAway: true });
      break;
    case 'settled':
      if (pausedNow(notes) !== 'no') notes.pausedAt = notes.at;
      if (!notes.isMemorySufficient) notes.memoryShortAt = notes.at;
      if (notes.isAway) Object.assign(notes, { awayAt: notes.at, isAway: false });
      break;
  }
}
