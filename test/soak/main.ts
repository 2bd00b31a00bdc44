/**
 * One gateway through many cycles, in a process of its own; samples go to SOAK_OUTPUT, one JSON line each. Started by
 * run.mjs, which says what the variables mean.
 */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { layoutOf } from '../../agent/core/layout.ts';
import type { Status } from '../../agent/core/status.ts';
import { loadSettings } from '../../agent/settings.ts';
import { createRandom } from '../e2e/readers/random.ts';
import { createScriptedEngine } from '../fakes/scripted-engine.ts';
import { createVirtualClock } from '../fakes/virtual-clock.ts';
import { createBucketHand } from './bucket-hand.ts';
import { createCounts, createSoakGateway, createStore } from './gateway.ts';
import { startLeak } from './leak.ts';
import { takeSample } from './measure.ts';
import { baseFiles, call, createOperations } from './operations.ts';

const { env } = process;
const text = (name: string) => env[name] ?? '';
const SYSTEM = text('GATEWAY_SYSTEM');
const CYCLES = Number(text('SOAK_CYCLES'));
const MARKS = Number(text('SOAK_MARKS'));
const WARM_UP_CYCLES = Number(text('SOAK_WARM_UP'));
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** So that files are newer than anything the agent reckons with: no answer gets too old within the soak. */
const BEGINS_BEFORE_MS = 60 * 24 * 60 * MINUTE;
const BURST = 64;
/** Those that a store keeps, and the one in force. */
const RELEASES_KEPT = 6;

const settings = loadSettings({ file: null, env, readFile: (file) => readFileSync(file, 'utf8') });
const { requestsDir, statusFile } = layoutOf(settings.paths);
const clock = createVirtualClock(Date.now() - BEGINS_BEFORE_MS);
const alive = () => false;
const store = createStore(settings);
const engine = createScriptedEngine({
  clock,
  readIntent: () => clock.track(store.readIntent(), alive),
  readRelease: (digest) => clock.track(store.read(digest), alive),
});
const counts = createCounts();
const leak = startLeak(text('SOAK_LEAK'), settings.paths.state);
const seed = Number(text('SEED'));
const random = createRandom(seed);
const hand = createBucketHand({
  endpoint: text('SOAK_S3'),
  bucket: new URL(settings.source.uri).hostname,
  prefix: `${SYSTEM}/datomic/analytics/${SYSTEM}/etc/`,
  now: clock.now,
});
const operations = createOperations({
  hand,
  engine,
  random,
  now: clock.now,
  proxy: text('AWS_ENDPOINT_URL'),
  pages: `http://${text('GATEWAY_HTTP')}`,
  etc: settings.paths.etc,
  requestsDir,
});
const say = (line: object) => appendFileSync(text('SOAK_OUTPUT'), `${JSON.stringify(line)}\n`);
const readStatus = () => JSON.parse(readFileSync(statusFile, 'utf8')) as Status;

/** Lets this much time pass for the gateway; in it everything that is due happens. */
async function pass(ms: number): Promise<void> {
  const until = clock.now() + ms;
  while (await clock.step(until));
  leak(counts.cycles);
}

/** What was published is proven, and there is nothing left to do. */
async function rest(): Promise<void> {
  for (let minutes = 1; ; minutes += 1) {
    await pass(MINUTE);
    const { reason, proven, effective, held, paused } = readStatus();
    const isProven = proven !== null && proven.digest === effective?.digest;
    if (reason === 'nothing to do' && isProven && held.length === 0 && paused === null) return;
    if (minutes > 240) throw new Error(`no rest after four hours: ${JSON.stringify(readStatus())}`);
  }
}

/** Every measurement is taken in the same configuration, after the same releases, without faults. */
async function settle(): Promise<void> {
  await operations.ask('resume');
  await call('POST', `${text('AWS_ENDPOINT_URL')}/-/fault?kind=&times=0`);
  for (let release = RELEASES_KEPT; release > 0; release -= 1) {
    await hand.sync(baseFiles(release), ['deletion', 'exposure']);
    await rest();
  }
  // Heartbeats have been sent, and what failed has been tried again.
  await pass(20 * MINUTE);
}

async function measure(mark: string): Promise<void> {
  await settle();
  await call('POST', `${text('AWS_ENDPOINT_URL')}/-/idle`);
  // Its doubles remember every run; what is measured is the gateway.
  (engine.starts as unknown[]).splice(0, engine.starts.length - 1);
  (engine.jobs() as unknown[]).splice(0);
  const bucket = await hand.measure(`${SYSTEM}/datomic/gateway/`);
  const sample = await takeSample({ state: settings.paths.state, etc: settings.paths.etc, bucket });
  say({
    mark,
    ...counts,
    operations: done,
    virtualHours: Math.round((clock.now() - begunAt) / 60 / MINUTE),
    sample,
  });
}

// Whoever started this has ended.
process.stdin.on('end', () => process.exit(1)).resume();
const begunAt = clock.now();
const done: Record<string, number> = {};
mkdirSync(requestsDir, { recursive: true });
await hand.sync(baseFiles(1));
const gateway = await createSoakGateway({ settings, env, clock, engine, counts });
const ended = gateway.run(new AbortController().signal).then((code) => {
  throw new Error(`the agent ended with ${code}`);
});

async function work(): Promise<void> {
  await settle();
  // As many answers as are kept, or their number would grow for a while.
  for (let asked = 0; asked < Number(text('SOAK_ANSWERS')); asked += BURST) {
    for (let one = 0; one < BURST; one += 1) await operations.ask('poll');
    await pass(10 * SECOND);
  }
  const mix = async (until: number) => {
    while (counts.cycles < until) {
      const name = await operations.next();
      done[name] = (done[name] ?? 0) + 1;
      const before = counts.cycles;
      while (counts.cycles - before < 5 + random.below(40)) await pass(5 * SECOND);
    }
  };
  await mix(WARM_UP_CYCLES);
  await measure('warm');
  const first = counts.cycles;
  for (let mark = 1; mark <= MARKS; mark += 1) {
    await mix(first + Math.ceil(((CYCLES - first) * mark) / MARKS));
    await measure(String(mark));
  }
}

await Promise.race([ended, work()]);
say({ mark: 'done', node: process.version, seed });
process.exit(0);
