/**
 * Brings a group's etc directory in S3 in line with a plan, so that a gateway takes all of it or nothing.
 *
 * INVARIANTS
 * - From the first change to the last the manifest is pending: a gateway takes nothing meanwhile, and whatever ends
 *   this half way leaves in force what was.
 * - The pending manifest is the lock: each of its changes names the version that it replaces.
 * - Only what was seen is replaced or deleted: another tool's write meanwhile ends the sync.
 */
import { runLimited } from '../../adapters/limit-concurrency.ts';
import { AgentError } from '../../core/errors.ts';
import {
  type FinalManifest,
  MAX_MANIFEST_BYTES,
  type PendingManifest,
  printManifest,
} from '../../core/manifest.ts';
import { MANIFEST_PATH } from '../../core/source/path.ts';
import type { LocalFile, SyncPlan } from '../../core/sync/plan.ts';
import type { HoldKind } from '../../core/types.ts';
import type { Bucket, WriteCondition } from '../../ports/operators.ts';
import { CliError } from '../cli-error.ts';
import { CONCURRENCY, type RemoteManifest, type RemoteState, readRemote } from './remote.ts';

export interface Transfer {
  readonly bucket: Bucket;
  readonly prefix: string;
  readonly local: readonly LocalFile[];
  readonly plan: SyncPlan;
  /** As it was when the plan was made. */
  readonly remote: RemoteState;
  /** Names this sync, and no other. */
  readonly id: string;
  readonly by: string;
  readonly now: () => number;
  readonly allow: readonly HoldKind[];
  readonly signal: AbortSignal;
  /** Called after each object that was uploaded or deleted. */
  readonly onStep: () => void;
}

/** A machine that slept, or a slow network: after this long the lock may be another's. */
const LOCK_TRUSTED_MS = 5_000;

const encode = (text: string) => new TextEncoder().encode(text);

/** Resolves with the manifest that is in force then. Throws CliError 75 when someone else was faster. */
export async function transfer(work: Transfer): Promise<FinalManifest> {
  const { plan, remote } = work;
  const seen: WriteCondition =
    remote.manifest === null ? { kind: 'absent' } : { kind: 'tag', tag: remote.manifest.tag };
  // Nothing but the manifest changes: one conditional put is all or nothing by itself.
  if (plan.uploads.length + plan.deletions.length === 0) {
    return (await finish(work, seen, new Map())) ?? lost(work);
  }

  const { id, by, now } = work;
  const pending: PendingManifest = { kind: 'pending', id, by, at: now() };
  const lock = await put(work, MANIFEST_PATH, encode(printManifest(pending)), seen).catch((error) => {
    throw isUncertain(error) ? new HalfDone(error) : error;
  });
  if (lock === null) return lost(work);
  const progress: Progress = { hasChanged: false, lock, lockedAt: now() };
  let manifest: FinalManifest | null;
  try {
    await checkUnmoved(work);
    const tags = await uploadAll(work, progress);
    await deleteAll(work, progress);
    manifest = await finish(work, { kind: 'tag', tag: lock }, tags);
  } catch (error) {
    if (error instanceof LockLost) return lost(work);
    const isBack = !progress.hasChanged && (await giveBack(work, lock));
    throw isBack ? error : new HalfDone(error);
  }
  // Taken over: the end is the other's, and nothing of it is ours to finish.
  return manifest ?? lost(work);
}

/** Whether a call may have got through although its answer did not come back. */
const isUncertain = (error: unknown) =>
  error instanceof AgentError && (error.code === 'AWS_UNREACHABLE' || error.code === 'SOURCE_TORN');

interface Progress {
  hasChanged: boolean;
  readonly lock: string;
  /** When the lock was last seen to be ours. */
  lockedAt: number;
}

/** Someone took it over. */
class LockLost extends Error {}

/** Before a change that comes late: what is written after a take-over would make the other's sync a mixture. */
async function checkLock(work: Transfer, progress: Progress): Promise<void> {
  const { bucket, prefix, now, signal } = work;
  if (Math.abs(now() - progress.lockedAt) < LOCK_TRUSTED_MS) return;
  const key = `${prefix}${MANIFEST_PATH}`;
  const found = await bucket.read(key, { maxBytes: MAX_MANIFEST_BYTES, tag: progress.lock }, signal);
  if (found === null) throw new LockLost();
  progress.lockedAt = now();
}

/** The sync ended half way: it is pending, or may be, and the old configuration in force. */
export class HalfDone extends Error {
  override readonly cause: unknown;
  constructor(cause: unknown) {
    super('sync is half done');
    this.name = 'HalfDone';
    this.cause = cause;
  }
}

/** Other tools know of no lock: what they wrote between the listing and the lock is not what the plan is about. */
async function checkUnmoved({ bucket, prefix, remote, signal }: Transfer): Promise<void> {
  const now = await readRemote(bucket, prefix, signal);
  const before = new Map(remote.files.map(({ path, tag }) => [path, tag]));
  const after = new Map(now.files.map(({ path, tag }) => [path, tag]));
  const moved = [...new Set([...before.keys(), ...after.keys()])].find(
    (path) => before.get(path) !== after.get(path),
  );
  if (moved !== undefined) throw changedMeanwhile(moved);
}

async function uploadAll(work: Transfer, progress: Progress): Promise<ReadonlyMap<string, string>> {
  const tags = new Map<string, string>();
  const tasks = work.plan.uploads.map(({ path, bytes, tag }) => async () => {
    await checkLock(work, progress);
    // Before the attempt: one whose answer is lost may have got through.
    progress.hasChanged = true;
    const written = await put(work, path, bytes, tag === null ? { kind: 'absent' } : { kind: 'tag', tag });
    if (written === null) throw changedMeanwhile(path);
    tags.set(path, written);
    work.onStep();
  });
  await runLimited(tasks, CONCURRENCY);
  return tags;
}

async function deleteAll(work: Transfer, progress: Progress): Promise<void> {
  const { bucket, prefix, plan, signal, onStep } = work;
  const tasks = plan.deletions.map(({ path, tag }) => async () => {
    await checkLock(work, progress);
    progress.hasChanged = true;
    if (!(await bucket.remove(`${prefix}${path}`, tag, signal))) throw changedMeanwhile(path);
    onStep();
  });
  await runLimited(tasks, CONCURRENCY);
}

/** Puts the final manifest. Null when another one than expected lies there. */
async function finish(
  work: Transfer,
  condition: WriteCondition,
  tags: ReadonlyMap<string, string>,
): Promise<FinalManifest | null> {
  const { plan, by, now, allow, local } = work;
  const known = new Map([...plan.unchanged.map(({ path, tag }) => [path, tag] as const), ...tags]);
  const manifest: FinalManifest = {
    kind: 'final',
    files: local.map(({ path, bytes, sha256 }) => {
      const tag = known.get(path);
      return { path, size: bytes.length, sha256, ...(tag === undefined ? {} : { tag }) };
    }),
    by,
    at: now(),
    allow: [...allow],
  };
  const written = await put(work, MANIFEST_PATH, encode(printManifest(manifest)), condition);
  return written === null ? null : manifest;
}

/**
 * A conditional put. An answer that was lost is asked for again by the SDK, and then our own first try is in the way:
 * so what lies there is looked at before it counts as someone else's.
 */
async function put(
  { bucket, prefix, signal }: Transfer,
  path: string,
  bytes: Uint8Array,
  condition: WriteCondition,
): Promise<string | null> {
  const key = `${prefix}${path}`;
  const written = await bucket.write(key, bytes, condition, signal);
  if (written !== null) return written;
  const found = await bucket.read(key, { maxBytes: Math.max(bytes.length, 1) + 1_048_576 }, signal);
  return found !== null && Buffer.compare(found.bytes, bytes) === 0 ? found.tag : null;
}

/** Nothing was changed yet: the manifest from before comes back. False when not even that works: it stays pending. */
async function giveBack({ bucket, prefix, remote }: Transfer, lock: string): Promise<boolean> {
  const key = `${prefix}${MANIFEST_PATH}`;
  // Also after Ctrl-C, which ended the signal of everything else.
  const { signal } = new AbortController();
  const back =
    remote.manifest === null
      ? bucket.remove(key, lock, signal)
      : bucket.write(key, remote.manifest.bytes, { kind: 'tag', tag: lock }, signal);
  return back.then(
    (isDone) => isDone !== null && isDone !== false,
    () => false,
  );
}

async function lost({ bucket, prefix, signal }: Transfer): Promise<never> {
  const { manifest } = await readRemote(bucket, prefix, signal);
  const who = whoseManifest(manifest);
  throw new CliError(75, `someone else synced meanwhile${who}`, 'Look at their change, then sync again.');
}

function whoseManifest(manifest: RemoteManifest | null): string {
  if (manifest === null || manifest.parse.kind === 'malformed') return '';
  return `: ${manifest.parse.by} at ${new Date(manifest.parse.at).toISOString().slice(11, 19)}Z`;
}

const changedMeanwhile = (path: string) =>
  new CliError(75, `someone else changed ${path} meanwhile`, 'Look at their change, then sync again.');
