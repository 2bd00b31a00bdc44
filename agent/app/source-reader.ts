/**
 * Reads the source at two speeds, beside the cycle: the manifest of the group in force often, since that is cheap,
 * and the listing seldom, or at once when there is a reason.
 *
 * INVARIANTS
 * - One call to the source at a time (reads of one cut excepted); each ends by its own deadline.
 * - A reason to look that comes while a look is under way leads to another look.
 * - No error changes the cut.
 */
import { toAgentError } from '../core/errors.ts';
import { createLane, describeFailures, type Lane } from './source-lane.ts';
import { createLook } from './source-look.ts';
import { createManifests } from './source-manifests.ts';
import type { SourceReader, SourceReaderOptions } from './source-types.ts';

export type {
  Cut,
  PendingSync,
  SourceError,
  SourceReader,
  SourceReaderOptions,
  SourceSettings,
  SourceView,
} from './source-types.ts';

/** Never sleeps longer than this, so that a clock that jumps is noticed. */
const MAX_SLEEP_MS = 60_000;

/** The reader does nothing until `run` is called. */
export function createSourceReader(options: SourceReaderOptions): SourceReader {
  const { source, clock, settings, random, onResult } = options;
  const manifests = createManifests({ source, clock });
  const look = createLook({ ...options, manifests });
  const looking = createLane({ intervalMs: settings.listIntervalMs, random });
  const polling = createLane({ intervalMs: settings.pollIntervalMs, random });
  let lastPollAt: number | null = null;
  let lastSuccessAt: number | null = null;
  /** Of a manifest that a poll got, and for which a look was asked; null when the listing alone counts. */
  let answered: { readonly group: string; readonly tag: string | null } | null = null;
  /** Looks on end that did not show it: the listing is older than the objects. */
  let unshown = 0;
  let wake: () => void = () => undefined;

  const lookNow = () => {
    looking.hurry();
    wake();
  };

  /** One cheap request. True when the manifest is another than the listed one. */
  const poll = async (signal: AbortSignal): Promise<boolean> => {
    const { group, tag } = look.polled();
    const knownTag = answered?.group === group ? answered.tag : tag;
    try {
      const read = await source.readManifest(group, knownTag, signal);
      if (read.kind === 'unchanged') return false;
      answered = { group, tag: read.kind === 'found' ? read.tag : null };
      if (read.kind === 'found') manifests.note(group, read.tag, read.bytes);
      return answered.tag !== knownTag;
    } catch (error) {
      // Without leave to list the whole bucket, S3 answers 403 for an object that is not there. Whether it is
      // there, the listing says: if it is and cannot be read, the next look fails with this very error. While nothing
      // can be listed, 403 is what it says.
      const isDenied = toAgentError(error).code === 'SOURCE_DENIED';
      if (isDenied && tag === null && !looking.isFailing()) return false;
      throw error;
    }
  };

  /** Returns whether it ended well. */
  const attempt = async (lane: Lane, work: () => Promise<void>, signal: AbortSignal): Promise<boolean> => {
    lane.begin();
    try {
      await work();
    } catch (error) {
      // The reader ends: that is no failure of the source.
      if (signal.aborted) return false;
      lastPollAt = clock.now();
      lane.fail(toAgentError(error), lastPollAt);
      return false;
    }
    lastPollAt = clock.now();
    lastSuccessAt = lastPollAt;
    lane.succeed(lastPollAt);
    return true;
  };

  const runLook = async (signal: AbortSignal) => {
    const isDone = await attempt(looking, () => look.look(signal), signal);
    if (isDone) {
      const { group, tag } = look.polled();
      const isShown = answered === null || answered.group !== group || answered.tag === tag;
      unshown = isShown ? 0 : unshown + 1;
      if (isShown) answered = null;
      else looking.comeBack(unshown);
      // What could be listed can be polled again at full speed.
      if (polling.isFailing()) polling.hurry();
    }
    if (!signal.aborted) onResult();
  };

  const runPoll = async (signal: AbortSignal) => {
    const wasFailing = polling.isFailing();
    let hasChanged = false;
    const isDone = await attempt(
      polling,
      async () => {
        hasChanged = await poll(signal);
      },
      signal,
    );
    if (isDone && (hasChanged || (wasFailing && looking.isFailing()))) looking.hurry();
    if (!signal.aborted && wasFailing !== polling.isFailing()) onResult();
    else if (!isDone && !signal.aborted) onResult();
  };

  const findWaitMs = (now: number) => {
    const { wakeAt } = look.found();
    const settleMs = wakeAt === null || looking.isFailing() ? MAX_SLEEP_MS : Math.max(0, wakeAt - now);
    return { lookMs: Math.min(looking.waitMs(now), settleMs), pollMs: polling.waitMs(now) };
  };

  const sleep = async (ms: number, signal: AbortSignal) => {
    const awake = new AbortController();
    wake = () => awake.abort();
    signal.addEventListener('abort', wake);
    await clock.sleep(ms, awake.signal);
    signal.removeEventListener('abort', wake);
    wake = () => undefined;
  };

  return {
    lookNow,

    begin(inForce) {
      look.begin(inForce);
      lookNow();
    },

    view() {
      const { wakeAt: _wakeAt, ...found } = look.found();
      const error = describeFailures([looking, polling]);
      return { uri: source.uri, lastPollAt, lastSuccessAt, error, ...found };
    },

    async run(signal) {
      const watcher = await source.watch(lookNow);
      try {
        while (!signal.aborted) {
          const { lookMs, pollMs } = findWaitMs(clock.now());
          if (lookMs === 0) await runLook(signal);
          else if (pollMs === 0) await runPoll(signal);
          else await sleep(Math.min(lookMs, pollMs, MAX_SLEEP_MS), signal);
        }
      } finally {
        await watcher.close();
      }
    },
  };
}
