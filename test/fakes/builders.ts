/** Defaults with overrides for the plain data of the core. */
import type { Limits } from '../../agent/core/limits.ts';
import { EMPTY_MEMORY, type Memory } from '../../agent/core/memory.ts';
import type { Candidate, Observed } from '../../agent/core/observed.ts';
import type { Probe, Run } from '../../agent/core/run.ts';
import type { Digest, Fingerprint, ReleaseFacts, RunId, SnapshotId } from '../../agent/core/types.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
/** When the tests begin: any instant will do, but not zero. */
export const T0 = Date.parse('2026-01-01T00:00:00Z');

export const digest = (name: string): Digest => name as Digest;
export const fingerprint = (name: string): Fingerprint => name as Fingerprint;
export const snapshotId = (name: string): SnapshotId => name as SnapshotId;
export const runId = (name: string): RunId => name as RunId;

export const LIMITS: Limits = {
  drainMs: 60 * SECOND,
  proveMs: 180 * SECOND,
  proveFirstMs: 15 * MINUTE,
  stableMs: 30 * SECOND,
  spacingMs: 60 * SECOND,
  publishStableMs: 75 * SECOND,
};

/** `release('A1')` has fingerprint `A`: letters stand for catalogs, digits for metaschemas. */
export const release = (name: string, overrides: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  digest: digest(name),
  snapshot: snapshotId(`snapshot-${name}`),
  group: 'g',
  fingerprint: fingerprint(name.replace(/\d+$/, '')),
  catalogs: ['shop'],
  origin: { at: T0, by: 'maria' },
  ...overrides,
});

export const candidate = (of: ReleaseFacts, overrides: Partial<Candidate> = {}): Candidate => ({
  snapshot: of.snapshot,
  group: of.group,
  origin: of.origin,
  issues: [],
  release: of,
  kept: [],
  widened: [],
  acknowledgements: [],
  ...overrides,
});

export const run = (id: string | null, overrides: Partial<Run> = {}): Run => ({
  state: id === null ? 'stopped' : 'running',
  id: id === null ? null : runId(id),
  pid: id === null ? null : 100,
  startedAt: id === null ? null : T0,
  lastExit: null,
  ...overrides,
});

export const probe = (id: string, overrides: Partial<Probe> = {}): Probe => ({
  run: runId(id),
  at: T0,
  state: 'serving',
  missingCatalogs: [],
  queries: [],
  backendError: null,
  engine: 'stand-in',
  message: 'serving',
  ...overrides,
});

export const memory = (overrides: Partial<Memory> = {}): Memory => ({ ...EMPTY_MEMORY, ...overrides });

/** A gateway on which nothing ever happened: no source answer, empty disk, engine stopped. */
export const observed = (overrides: Partial<Observed> = {}): Observed => ({
  limits: LIMITS,
  memory: memory(),
  candidate: null,
  composite: null,
  store: [],
  intent: null,
  drift: [],
  run: run(null),
  started: null,
  probe: null,
  refusedCatalog: null,
  startFailure: null,
  log: [],
  source: { group: null, isUnreachable: false, isPending: false, settledAt: T0 },
  requests: [],
  bootId: 'boot-1',
  isMemorySufficient: true,
  ...overrides,
});

/** A gateway at rest: release A1 desired, live, running and proven. */
export const atRest = (overrides: Partial<Observed> = {}, remembered: Partial<Memory> = {}): Observed => {
  const a1 = release('A1');
  return observed({
    memory: memory({
      group: { name: 'g', markAt: T0 },
      desired: a1,
      proven: a1,
      baselines: { g: a1.digest },
      run: { id: runId('run-1'), startedAt: T0 },
      job: { kind: 'start', cause: 'first-start', sentAt: T0 - 10 * MINUTE, replaces: null },
      servedBoot: 'boot-1',
      ...remembered,
    }),
    candidate: candidate(a1),
    store: [a1],
    intent: { release: a1, phase: 'published' },
    run: run('run-1'),
    started: { digest: a1.digest, fingerprint: a1.fingerprint },
    probe: probe('run-1'),
    source: { group: { name: 'g', markAt: T0 }, isUnreachable: false, isPending: false, settledAt: T0 },
    ...overrides,
  });
};
