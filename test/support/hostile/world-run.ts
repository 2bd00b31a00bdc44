/** One schedule played to the whole application, and what it did wrong. Only the place of the source differs. */
import { sha256 } from '../../../agent/adapters/sha256.ts';
import { snapshotId } from '../../../agent/core/manifest.ts';
import type { Release } from '../../../agent/core/release.ts';
import type { Digest } from '../../../agent/core/types.ts';
import type { ConfigSource, ReleaseStore } from '../../../agent/ports.ts';
import { createGatewayWorld, type GatewayWorld } from '../../fakes/gateway-world.ts';
import type { MemoryDisk } from '../../fakes/memory-disk.ts';
import { shortTimes, worldSettings } from '../../fakes/world-settings.ts';
import { sourceFiles } from '../releases.ts';
import { judgeRates } from './call-rates.ts';
import { createJournal } from './journal.ts';
import { createPlayer, type Stage } from './player.ts';
import { createRandom } from './random.ts';
import { createScheduler } from './schedule.ts';
import { type CountedSource, countCalls } from './troubled-source.ts';
import { createTroubles, type Troubles } from './troubles.ts';
import { judgeLoss, judgeProven, judgeStarts } from './world-checks.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const RULES = { settleMs: 3 * SECOND, settleDeletionsMs: 5 * SECOND };
const STALE_MS = SECOND;
/** The longest back-off and the longer settle time; then one restart with all of its waits. */
const DEADLINE_MS = MINUTE + 2 * RULES.settleDeletionsMs + MINUTE;
/** Five newest, and what is desired, effective, proven, intended, and each group's baseline. */
const MOST_RELEASES = 12;

export interface PlaceParts {
  readonly world: GatewayWorld;
  readonly troubles: Troubles;
  readonly staleMs: number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Somebody writes now. */
  readonly hurry: () => Promise<void>;
}

export interface Place {
  readonly source: ConfigSource;
  readonly put: Stage['put'];
  readonly remove: Stage['remove'];
  close(): Promise<void>;
}

export interface WorldRun {
  readonly violations: readonly string[];
  readonly published: number;
  readonly starts: number;
  readonly calls: number;
}

export async function runWorld(
  seed: number,
  options: {
    readonly groups: readonly [string, ...string[]];
    readonly createPlace: (parts: PlaceParts) => Promise<Place>;
    readonly pollIntervalMs: number;
    /** A mistake that must be found. */
    readonly double?: (source: ConfigSource) => ConfigSource;
    readonly doubleStore?: (store: ReleaseStore, disk: MemoryDisk) => ReleaseStore;
  },
): Promise<WorldRun> {
  const random = createRandom(seed);
  const violations: string[] = [];
  const settings = { ...worldSettings(), ...shortTimes() };
  let published: Release | null = null;
  let publishes = 0;
  let source: CountedSource | null = null;

  const see = (release: Release) => {
    if (release.facts.digest === published?.facts.digest) return;
    const { group } = release.facts;
    const files = textsOf(release.source.filter(({ path }) => !release.kept.includes(path)));
    const why = journal.judge(group, files, {
      when: 'ever',
      before: [],
      staleMs: troubles.wasStale() ? STALE_MS : 0,
    });
    if (why !== null) violations.push(`what goes live of ${group} ${why}: ${[...files.keys()]}`);
    violations.push(...judgeLoss(published, release, journal.wasSynced(group, files)));
    published = release;
    publishes += 1;
  };

  let proven: Digest | null = null;
  /** By what is on disk: that is all that a killed agent would have. */
  const seeProven = () => {
    const named = world.memory()?.proven?.digest ?? null;
    violations.push(...judgeProven(proven, named, world.disk.releases));
    proven = named;
  };

  const world = createGatewayWorld({
    settings: {
      ...settings,
      source: { ...settings.source, ...RULES, pollIntervalMs: options.pollIntervalMs },
    },
    random: random.next,
    ports: (_life, defaults) => ({
      ...(source === null ? {} : { source }),
      store: watchPrunes(options.doubleStore?.(defaults.store, world.disk) ?? defaults.store, seeProven),
      live: {
        compare: defaults.live.compare,
        bring: (release) => {
          see(release);
          seeProven();
          return defaults.live.bring(release);
        },
      },
    }),
  });
  const { now } = world.clock;
  const journal = createJournal(RULES, now);
  const troubles = createTroubles(random, now);
  const scheduler = createScheduler(random, { groups: options.groups });
  const place = await options.createPlace({
    world,
    troubles,
    staleMs: STALE_MS,
    random: random.next,
    hurry: () => player.hurry(),
  });
  source = countCalls(options.double?.(place.source) ?? place.source, now);
  const player = createPlayer({
    stage: { put: place.put, remove: place.remove, pass: world.pass },
    journal,
    troubles,
  });

  try {
    world.start();
    await player.play(scheduler.schedule());
    troubles.end();
    await world.pass(DEADLINE_MS);
    const { group, files, steps } = scheduler.last();
    const wanted = snapshotId(sourceFiles(files), sha256);
    await player.play(steps);
    const isLive = () => {
      const status = world.status();
      return (
        status?.proven?.snapshot === wanted &&
        status.effective?.snapshot === wanted &&
        status.analytics.serving &&
        status.source.error === null
      );
    };
    if (!(await world.passUntil(isLive, DEADLINE_MS))) {
      violations.push(`the last sync of ${group} is not live: ${world.status()?.reason}`);
    }
    seeProven();
    violations.push(...judgeStarts(world.engine.starts), ...judgeRates(source.calls, journal.size()));
    if (world.disk.releases.size > MOST_RELEASES)
      violations.push(`${world.disk.releases.size} releases are kept`);
    violations.push(...world.bugs().map(({ message }) => `a bug: ${message}`));
    return {
      violations,
      published: publishes,
      starts: world.engine.starts.length,
      calls: source.calls.length,
    };
  } finally {
    world.kill();
    await place.close();
  }
}

/** Nothing else takes a release away. */
const watchPrunes = (store: ReleaseStore, see: () => void): ReleaseStore => ({
  ...store,
  async prune(keep) {
    await store.prune(keep);
    see();
  },
});

const textsOf = (files: Release['source']) =>
  new Map(files.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]));
