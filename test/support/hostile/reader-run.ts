/** One schedule played to the reader of the source in memory, and what it did wrong. */
import { sha256 } from '../../../agent/adapters/sha256.ts';
import { type Cut, createSourceReader } from '../../../agent/app/source-reader.ts';
import { createFakeSource } from '../../fakes/fake-source.ts';
import { createVirtualClock } from '../../fakes/virtual-clock.ts';
import { judgeRates } from './call-rates.ts';
import type { Double } from './doubles.ts';
import { createJournal } from './journal.ts';
import { createPlayer } from './player.ts';
import { createRandom } from './random.ts';
import { createScheduler } from './schedule.ts';
import { countCalls, createTroubledSource, type TroubledSource } from './troubled-source.ts';
import { createTroubles } from './troubles.ts';

const SECOND = 1_000;
const T0 = 1_750_000_000_000;
const RULES = { settleMs: 6 * SECOND, settleDeletionsMs: 12 * SECOND };
const STALE_MS = 2 * SECOND;
/** The longest back-off, one look that meets a change, and the longer settle time. */
const DEADLINE_MS = 60 * SECOND + 2 * RULES.settleDeletionsMs;
const never = new AbortController().signal;

export interface HostileRun {
  /** Of what was taken; then of what was asked for, and how often. */
  readonly violations: readonly string[];
  readonly rates: readonly string[];
  /** Cuts that were taken, and calls that were made. */
  readonly cuts: number;
  readonly calls: number;
}

/** `double` puts something in the place of the source that the reader sees: a mistake that must be found. */
export async function runReader(seed: number, double: Double = (source) => source): Promise<HostileRun> {
  const random = createRandom(seed);
  const clock = createVirtualClock(T0);
  const life = clock.createLife();
  const journal = createJournal(RULES, clock.now);
  const troubles = createTroubles(random, clock.now);
  const scheduler = createScheduler(random, { groups: ['acme', 'q1'] });
  const violations: string[] = [];
  const inner = createFakeSource({ now: clock.now });
  let cuts = 0;
  let cut: Cut | null = null;
  const before = new Map<string, readonly string[]>();

  const see = (next: Cut | null) => {
    if (next === null || next === cut) return;
    const isSame = next.kind === 'snapshot' && cut?.kind === 'snapshot' && next.snapshot === cut.snapshot;
    cut = next;
    if (isSame) return;
    cuts += 1;
    if (next.kind !== 'snapshot') {
      violations.push('a cut over the limits, which nothing here is');
      return;
    }
    const { group, files } = next.snapshot;
    const texts = new Map(files.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]));
    const why = journal.judge(group, texts, {
      when: 'now',
      before: before.get(group) ?? [],
      staleMs: troubles.wasStale() ? STALE_MS : 0,
    });
    if (why !== null)
      violations.push(`a cut of ${group} at ${clock.now() - T0} ms ${why}: ${[...texts.keys()]}`);
    before.set(group, [...texts.keys()]);
  };

  const passUntil = async (isTrue: () => boolean, ms: number) => {
    const until = clock.now() + ms;
    while (!isTrue() && (await clock.step(until)));
    await clock.idle();
  };
  const pass = (ms: number) => passUntil(() => false, ms);
  const player = createPlayer({
    stage: {
      put: async (group, path, text) => {
        inner.put(group, path, text);
        await source.remember();
      },
      remove: async (group, path) => {
        inner.remove(group, path);
        await source.remember();
      },
      pass,
    },
    journal,
    troubles,
  });
  const source: TroubledSource = createTroubledSource({
    inner,
    troubles,
    now: clock.now,
    staleMs: STALE_MS,
    sleep: (ms) => life.sleep(ms, never),
    hurry: player.hurry,
  });
  const counted = countCalls(double(source, inner), clock.now);
  const reader = createSourceReader({
    source: counted,
    clock: life,
    sha256,
    random: random.next,
    settings: {
      pollIntervalMs: 10 * SECOND,
      listIntervalMs: 30 * SECOND,
      ...RULES,
      group: 'auto',
      defaultGroup: 'acme',
      limits: { fileSizeBytes: 10_000, files: 100, totalBytes: 100_000 },
    },
    known: { group: null, baselinePaths: () => [] },
    onResult: () => see(reader.view().cut),
  });
  const end = new AbortController();
  const ended = reader.run(end.signal);

  await player.play(scheduler.schedule());
  troubles.end();
  await pass(DEADLINE_MS);
  const inForce = reader.view().group?.name;
  if (inForce !== undefined) {
    const { files, manifest } = journal.truth(inForce);
    if (manifest?.kind !== 'pending' && !isCut(cut, files))
      violations.push(`${inForce} was not taken as it is`);
  }
  const { group, files, steps } = scheduler.last();
  await player.play(steps);
  await passUntil(
    () => isCut(cut, new Map(Object.entries(files))) && reader.view().error === null,
    DEADLINE_MS,
  );
  if (!isCut(cut, new Map(Object.entries(files)))) violations.push(`the last sync of ${group} was not taken`);
  if (reader.view().error !== null) violations.push('an error is still shown');
  end.abort();
  await clock.idle();
  await ended;
  return { violations, rates: judgeRates(counted.calls, journal.size()), cuts, calls: counted.calls.length };
}

function isCut(cut: Cut | null, files: ReadonlyMap<string, string>): boolean {
  if (cut?.kind !== 'snapshot' || cut.snapshot.files.length !== files.size) return false;
  return cut.snapshot.files.every(({ path, bytes }) => files.get(path) === new TextDecoder().decode(bytes));
}
