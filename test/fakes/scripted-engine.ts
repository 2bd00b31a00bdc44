/**
 * The analytics process of a gateway in memory, under a supervisor like systemd: it outlives the agent. What it does is
 * written into its catalogs: a database of this name makes it behave so, the healthy one serves.
 */
import { AgentError } from '../../agent/core/errors.ts';
import type { Intent, Release } from '../../agent/core/release.ts';
import type { Probe, RunningQuery } from '../../agent/core/run.ts';
import type { Digest, RunId } from '../../agent/core/types.ts';
import type { EngineProbe, StartedCopy, Supervisor } from '../../agent/ports.ts';
import { createFakeSupervisor, type FakeSupervisor } from './fake-supervisor.ts';
import type { LifeClock, VirtualClock } from './virtual-clock.ts';

/** `refused`: names a catalog and exits. `exits`: says nothing. `late`: serves, and dies in the stable time. */
export const BEHAVIOURS = ['refused', 'exits', 'silent', 'late'] as const;
export type Behaviour = (typeof BEHAVIOURS)[number] | 'serves';

const START_MS = 200;
const STOP_MS = 1_500;
const AGAIN_MS = 5_000;
const SERVING_AFTER_MS = 3_000;
const DEATH_AFTER_MS = 1_000;
const LATE_DEATH_AFTER_MS = 5_000;

export interface EngineStart {
  readonly at: number;
  readonly run: RunId;
  /** As it was when the copy was made. */
  readonly intent: Intent;
  readonly release: Release;
}

export interface ScriptedEngine {
  /** What the supervisor of each life passes its calls to. */
  supervisor(): Supervisor;
  readonly probe: EngineProbe;
  readonly starts: readonly EngineStart[];
  /** Every job that was accepted in this boot. */
  jobs(): readonly string[];
  /** The process ends by itself. */
  die(signal?: string): void;
  /** The machine goes down: nothing of it is left. */
  reboot(): void;
  /** Like a person with systemctl. */
  stopByHand(): Promise<void>;
  setQueries(queries: readonly RunningQuery[]): void;
}

export function createScriptedEngine(options: {
  readonly clock: VirtualClock;
  readonly readIntent: () => Promise<Intent | null>;
  readonly readRelease: (digest: Digest) => Promise<Release | null>;
}): ScriptedEngine {
  const { clock } = options;
  const starts: EngineStart[] = [];
  let queries: readonly RunningQuery[] = [];
  let pids = 1_000;
  let boot: { readonly fake: FakeSupervisor; readonly clock: LifeClock };

  const behaviourOf = ({ source }: Release): Behaviour => {
    const text = source
      .filter(({ path }) => path.startsWith('catalog/'))
      .map(({ bytes }) => Buffer.from(bytes).toString('latin1'))
      .join('\n');
    return BEHAVIOURS.find((name) => new RegExp(`\\b${name}\\b`).test(text)) ?? 'serves';
  };

  const live = async (fake: FakeSupervisor, own: LifeClock, run: RunId, release: Release) => {
    const behaviour = behaviourOf(release);
    if (behaviour === 'serves' || behaviour === 'silent') return;
    const afterMs = behaviour === 'late' ? LATE_DEATH_AFTER_MS : DEATH_AFTER_MS;
    await own.sleep(afterMs, new AbortController().signal);
    const now = await fake.supervisor.observe().catch(() => null);
    if (now?.run.id !== run) return;
    if (behaviour === 'refused') {
      const catalog = release.facts.catalogs[0] ?? 'none';
      fake.print(
        `INFO main io.StaticCatalogStore -- Loading catalog /started/catalog/${catalog}.properties --`,
      );
      fake.print('ERROR main io.prestosql.server.Server Configuration errors:');
      fake.print("1) Error: Configuration property 'x' was not used");
    }
    fake.die({ status: 1 });
  };

  const begin = () => {
    const own = clock.createLife();
    let made: EngineStart | null = null;
    const makeStartedCopy = async (): Promise<StartedCopy> => {
      const intent = await options.readIntent();
      const release = intent === null ? null : await options.readRelease(intent.digest);
      if (intent === null || release === null) throw new AgentError('START_IMPOSSIBLE', 'no whole intent');
      made = { at: own.now(), run: '' as RunId, intent, release };
      return { digest: release.facts.digest, madeAt: own.now() };
    };
    const fake: FakeSupervisor = createFakeSupervisor({
      clock: own,
      makeStartedCopy,
      startMs: START_MS,
      stopMs: STOP_MS,
      againMs: AGAIN_MS,
      firstPid: pids,
      onBegin: (run) => {
        pids += 1;
        if (made === null) return;
        starts.push({ ...made, at: own.now(), run });
        void live(fake, own, run, made.release);
      },
    });
    boot = { fake, clock: own };
  };
  begin();

  return {
    supervisor: () => boot.fake.supervisor,
    starts,
    jobs: () => boot.fake.jobs,
    die: (signal = 'SIGKILL') => boot.fake.die({ signal }),
    reboot: () => {
      boot.clock.end();
      begin();
    },
    stopByHand: () => boot.fake.supervisor.stop(),
    setQueries: (next) => {
      queries = next;
    },
    probe: {
      probe: async ({ run, runStartedAt }): Promise<Probe> => {
        const release = starts.find((start) => start.run === run)?.release;
        const { run: now } = await boot.fake.supervisor.observe();
        const isUp = now.id === run && now.state === 'running';
        const isSilent =
          release === undefined || ['silent', 'refused', 'exits'].includes(behaviourOf(release));
        const isStarted = isUp && !isSilent && clock.now() - runStartedAt >= SERVING_AFTER_MS;
        const state = isStarted ? 'serving' : isUp ? 'starting' : 'unreachable';
        return {
          run,
          at: clock.now(),
          state,
          missingCatalogs: [],
          queries: isStarted ? queries : [],
          backendError: null,
          engine: 'scripted',
          message: state,
        };
      },
    },
  };
}
