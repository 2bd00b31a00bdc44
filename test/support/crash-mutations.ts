/** Agents that are broken on purpose: each must be found out by the crash points. */
import type { GatewayPorts } from '../../agent/app/gateway-ports.ts';
import type { Answer } from '../../agent/core/answer.ts';
import type { Memory } from '../../agent/core/memory.ts';
import type { Intent } from '../../agent/core/release.ts';
import type { GatewayWorldOptions } from '../fakes/gateway-world.ts';

export interface Mutation {
  readonly title: string;
  /** Of a scenario that shows it. */
  readonly scenario: RegExp;
  readonly finding: RegExp;
  /** Other faults than deaths that it takes to show. */
  readonly singles?: number;
  readonly mutate: (ports: GatewayPorts) => Partial<GatewayPorts>;
}

const EARLY: Omit<Answer, 'id' | 'by'> = {
  kind: 'restart',
  outcome: 'done',
  reason: '',
  message: '',
  requestedAt: '2026-01-01T00:00:00.000Z',
  answeredAt: '2026-01-01T00:00:00.000Z',
  startedAt: null,
  servingAt: null,
  drainMs: 0,
  stopMs: null,
  startMs: null,
  queriesKilled: 0,
  pidBefore: 1_000,
  pidAfter: 1_000,
  digest: null,
};

/** Saves only what differs from before in something else than what `forgets` takes away. */
const forgetful =
  (forgets: (memory: Memory) => Memory) =>
  ({ memoryFile }: GatewayPorts): Partial<GatewayPorts> => ({
    memoryFile: { ...memoryFile, save: (memory) => memoryFile.save(forgets(memory)) },
  });

export const MUTATIONS: readonly Mutation[] = [
  {
    title: 'publishes before the intent is on disk',
    scenario: /^catalog change$/,
    finding: /not in the documented order|changed without an intent/,
    mutate: ({ store, live }) => {
      let held: Intent | null = null;
      return {
        store: {
          ...store,
          writeIntent: async (intent) => {
            if (intent.phase === 'publishing') held = intent;
            else await store.writeIntent(intent);
          },
        },
        live: {
          ...live,
          bring: async (release) => {
            const touched = await live.bring(release);
            if (held !== null) await store.writeIntent(held);
            return touched;
          },
        },
      };
    },
  },
  {
    title: 'says that a publish is finished before it is',
    scenario: /^catalog change$/,
    finding: /not the release of the intent|live:|does not come to rest/,
    mutate: ({ store, live }) => ({
      store: { ...store, writeIntent: ({ digest }) => store.writeIntent({ digest, phase: 'published' }) },
      live: { ...live, compare: async () => [] },
    }),
  },
  {
    title: 'answers a restart request before anything was restarted',
    scenario: /^restart request$/,
    finding: /nothing was restarted|from before it was asked for/,
    mutate: ({ spool }) => ({
      spool: {
        ...spool,
        look: async (options) => {
          const found = await spool.look(options);
          for (const { id, by, kind } of found.open) {
            if (kind === 'restart') await spool.answer({ ...EARLY, id, by });
          }
          return found;
        },
      },
    }),
  },
  {
    title: 'does not remember that a restart was sent',
    scenario: /^restart request$/,
    finding: /starts:|answers:|rest|stays open/,
    mutate: forgetful((memory) => ({ ...memory, attempt: null, job: null, requests: [] })),
  },
  {
    title: 'does not remember what is quarantined',
    scenario: /refuses$/,
    finding: /quarantined:|starts:/,
    mutate: forgetful((memory) => ({ ...memory, quarantined: [] })),
  },
  {
    title: 'does not remember a hold',
    scenario: /^directory deleted|^exposure held$/,
    finding: /held:|live:|proven:/,
    mutate: forgetful((memory) => ({ ...memory, kept: {}, baselines: {}, proven: null, exposure: null })),
  },
  {
    title: 'gives up for good when the disk was full once',
    singles: 60,
    scenario: /^catalog change$/,
    finding: /rest|desired:|live:|open/,
    mutate: ({ memoryFile }) => {
      let broken: unknown = null;
      return {
        memoryFile: {
          ...memoryFile,
          save: async (memory) => {
            if (broken !== null) throw broken;
            await memoryFile.save(memory).catch((error: unknown) => {
              broken = error;
              throw error;
            });
          },
        },
      };
    },
  },
];

/** The same world with a broken agent. */
export const broken =
  (mutation: Mutation) =>
  (given: GatewayWorldOptions): GatewayWorldOptions => ({
    ...given,
    ports: (_life, defaults) => mutation.mutate(defaults),
  });
