/** Asks the ports and builds what the plan is made from. */
import { type AgentError, toAgentError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { Memory } from '../core/memory.ts';
import type { Observed, OpenRequest, SourceFacts } from '../core/observed.ts';
import type { Release } from '../core/release.ts';
import type { Probe, Run } from '../core/run.ts';
import { redact, secretsOf } from '../core/secrets.ts';
import type { Digest, Fingerprint, ReleaseFacts } from '../core/types.ts';
import type { LiveEtc, ReleaseStore, StartedCopy, Supervisor } from '../ports.ts';
import { readEngineLog } from './engine-log.ts';
import type { Evaluator } from './evaluate.ts';
import type { Prober } from './prober.ts';
import type { SourceView } from './source-types.ts';

export interface ObserveParts {
  readonly limits: Limits;
  readonly store: ReleaseStore;
  readonly live: LiveEtc;
  readonly supervisor: Supervisor;
  readonly prober: Prober;
  readonly evaluator: Evaluator;
  readonly bootId: string;
  readonly isMemorySufficient: () => Promise<boolean>;
  readonly requests: () => readonly OpenRequest[];
}

const sourceFacts = (view: SourceView): SourceFacts => ({
  group: view.group,
  isUnreachable: view.error !== null,
  isPending: view.pending !== null,
  settledAt: view.settledAt,
});

/** A started copy whose release is gone from the store: equal to nothing. */
const UNKNOWN = 'unknown' as Fingerprint;

const UNKNOWN_RUN: Run = { state: 'unknown', id: null, pid: null, startedAt: null, lastExit: null };

export interface Observer {
  /** `error`: the supervisor could not be asked. */
  observe(memory: Memory, view: SourceView): Promise<{ observed: Observed; error: AgentError | null }>;
  /** The store changed: read its listing anew. */
  forgetStore(): void;
}

export function createObserver(parts: ObserveParts): Observer {
  const { store, live, supervisor, prober, evaluator } = parts;
  let listed: readonly ReleaseFacts[] | null = null;
  let intended: Release | null = null;
  let secrets: { readonly key: string; readonly found: readonly string[] } | null = null;

  const readIntended = async (digest: Digest): Promise<Release | null> => {
    if (intended?.facts.digest !== digest) intended = await store.read(digest);
    return intended;
  };

  /** The log matters while a run has not shown that it serves; reading it costs too much to do so always. */
  const readLog = async (memory: Memory, run: Run, started: Digest | null, secrets: readonly string[]) => {
    const isStarting = run.state === 'starting' || run.state === 'failed' || run.state === 'unknown';
    const isOpen = memory.attempt !== null || memory.watch !== null || memory.sick !== null || isStarting;
    if (!isOpen) return { log: [], refusedCatalog: null, startFailure: null };
    const release = started === null ? null : await store.read(started);
    return readEngineLog(supervisor, run.id ?? run.lastExit?.run ?? null, release?.source ?? [], secrets);
  };

  /** Secrets that the engine may tell: of what is live, and of what it was started with. */
  const readSecrets = async (release: Release | null, started: Digest | null) => {
    const key = `${release?.facts.digest} ${started}`;
    if (secrets?.key !== key) {
      const isOther = started !== null && started !== release?.facts.digest;
      const other = isOther ? await store.read(started) : null;
      secrets = { key, found: secretsOf([...(release?.etc ?? []), ...(other?.etc ?? [])]) };
    }
    return secrets.found;
  };

  const askSupervisor = async (): Promise<{
    run: Run;
    started: StartedCopy | null;
    error: AgentError | null;
  }> => {
    try {
      return { ...(await supervisor.observe()), error: null };
    } catch (thrown) {
      const error = toAgentError(thrown);
      if (error.code !== 'SUPERVISOR_FAILED') throw error;
      return { run: UNKNOWN_RUN, started: null, error };
    }
  };

  return {
    forgetStore: () => {
      listed = null;
    },
    observe: async (memory, view) => {
      const candidate = await evaluator.judge(view.cut, memory);
      const composite = await evaluator.compose(memory);
      listed ??= await store.list();
      const facts = listed;
      const intent = await store.readIntent();
      const release = intent === null ? null : await readIntended(intent.digest);
      const drift = release === null ? [] : await live.compare(release);
      const { run, started, error } = await askSupervisor();
      const told = await readSecrets(release, started?.digest ?? null);
      const log = await readLog(memory, run, started?.digest ?? null, told);
      const observed: Observed = {
        limits: parts.limits,
        memory,
        candidate,
        composite,
        store: facts,
        intent: intent === null || release === null ? null : { release: release.facts, phase: intent.phase },
        drift,
        run,
        started:
          started === null
            ? null
            : {
                digest: started.digest,
                fingerprint: facts.find(({ digest }) => digest === started.digest)?.fingerprint ?? UNKNOWN,
              },
        probe: redactProbe(prober.latest(run.id), told),
        ...log,
        source: sourceFacts(view),
        requests: parts.requests(),
        bootId: parts.bootId,
        isMemorySufficient: await parts.isMemorySufficient(),
      };
      return { observed, error };
    },
  };
}

/** What the engine and its backends say of an error may quote a password. */
function redactProbe(probe: Probe | null, secrets: readonly string[]): Probe | null {
  if (probe === null || secrets.length === 0) return probe;
  const { message, backendError } = probe;
  return {
    ...probe,
    message: redact(message, secrets),
    backendError: backendError === null ? null : redact(backendError, secrets),
  };
}
