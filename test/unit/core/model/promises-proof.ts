/** What is proven, and what is quarantined. */

import type { Quarantine } from '../../../../agent/core/memory.ts';
import { LIMITS } from '../../../fakes/builders.ts';
import { aliveRun, type Happening, isSameEntry, type Notes, type RunNote, wasClockSet } from './notes.ts';
import type { Promised } from './promise.ts';

type Remembered = Extract<Happening, { kind: 'remembered' }>;

const onStatus =
  (judge: (notes: Notes, remembered: Remembered) => string | null): Promised['judge'] =>
  (notes, event) =>
    event.kind === 'remembered' ? judge(notes, event) : null;

const staysProven = onStatus(({ status }, { memory }) =>
  status.proven !== null && memory.proven === null
    ? `${status.proven.digest} was proven and is forgotten`
    : null,
);

const isShown = onStatus((notes, { memory: { proven } }) => {
  if (proven === null || proven.digest === notes.status.proven?.digest) return null;
  const run = aliveRun(notes);
  if (run === null || run.servedAt === null) return `${proven.digest} is called proven, and nothing serves`;
  if (run.release.fingerprint !== proven.fingerprint)
    return `${proven.digest} is called proven, ${run.release.digest} serves`;
  if (wasClockSet(notes, Math.min(run.beganAt, notes.liveSince))) return null;
  const servedMs = notes.at - run.servedAt;
  const isByRun = run.release.digest === proven.digest && servedMs >= LIMITS.stableMs;
  const liveMs = notes.live?.digest === proven.digest ? notes.at - notes.liveSince : 0;
  if (isByRun || liveMs >= LIMITS.publishStableMs) return null;
  return `${proven.digest} is called proven after ${servedMs / 1_000} s of service, ${liveMs / 1_000} s live`;
});

const endedByItself = ({ exit }: RunNote) => exit !== null && !exit.isExpected;

function wrongQuarantine(notes: Notes, entry: Quarantine): string | null {
  const { fingerprint, digest, kind } = entry;
  const { proven } = notes.status;
  if (fingerprint === null) {
    if (proven?.digest === digest) return `${digest} was proven and is quarantined`;
    const exits = notes.runs.filter(
      (run) => endedByItself(run) && run.exit?.kind === 'crash' && (run.endedAt ?? 0) >= notes.liveSince,
    );
    return exits.length >= 3 ? null : `${digest} is quarantined after ${exits.length} exits`;
  }
  if (proven?.fingerprint === fingerprint) return `${fingerprint} was proven and is quarantined`;
  const since = notes.failures.findLast((one) => one.fingerprint === fingerprint)?.at ?? -1;
  const runs = notes.runs.filter(
    ({ release, endedAt }) => release.fingerprint === fingerprint && (endedAt ?? notes.at) >= since,
  );
  const alive = aliveRun(notes);
  switch (kind) {
    case 'catalog':
      return runs.some(({ how }) => how === 'refuses' || how === 'hides-a-catalog')
        ? null
        : `${fingerprint} is quarantined for a catalog that the engine takes`;
    case 'exit': {
      const early = runs.filter((run) => run.servedAt === null && endedByItself(run)).length;
      const late = runs.filter((run) => run.servedAt !== null && endedByItself(run)).length;
      return early >= 2 || late >= 1
        ? null
        : `${fingerprint} is quarantined for exits: ${early} early, ${late} late`;
    }
    case 'timeout': {
      const isServing = alive?.release.fingerprint === fingerprint && alive.servedAt !== null;
      if (isServing) return `${fingerprint} serves and is quarantined for a time-out`;
      const first = runs[0]?.beganAt ?? notes.at;
      const isLate = notes.at - first >= LIMITS.proveMs || wasClockSet(notes, first);
      return isLate
        ? null
        : `${fingerprint} is quarantined for a time-out after ${(notes.at - first) / 1_000} s`;
    }
  }
}

const hasFailed = onStatus((notes, { memory }) => {
  for (const entry of memory.quarantined) {
    const isKnown = isSameEntry(notes, entry);
    const wrong = isKnown ? null : wrongQuarantine(notes, entry);
    if (wrong !== null) return wrong;
  }
  return null;
});

export const PROOF: readonly Promised[] = [
  { words: 'what was proven is never lost', judge: staysProven },
  { words: 'proven is what served and stayed up for its time', judge: isShown },
  { words: 'quarantined is only what failed, and never what was proven', judge: hasFailed },
];
