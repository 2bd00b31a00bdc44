/** `analytics sync`: gate, compare, ask, upload, and follow what the gateway makes of it. */
import { sha256 } from '../../adapters/sha256.ts';
import { createSyncId } from '../../adapters/sync-id.ts';
import { snapshotIdOf } from '../../core/digest.ts';
import { pathsToRead, planSync, type SyncPlan } from '../../core/sync/plan.ts';
import { etcPrefix } from '../../core/system-keys.ts';
import type { HoldKind, SourceFile } from '../../core/types.ts';
import type { Bucket } from '../../ports/operators.ts';
import { loadCliSettings } from '../cli-settings.ts';
import type { Cli } from '../context.ts';
import { printDigest, printTime } from '../print.ts';
import { checkSystemName, findBucketName } from '../system-find.ts';
import { openAws } from '../system-options.ts';
import { whoAsks } from '../who.ts';
import { agree } from './agree.ts';
import { checkGroupName, judgeLocal } from './local.ts';
import { explainEnd, noteLock } from './lock.ts';
import type { SyncOptions } from './options.ts';
import { createUploadBar } from './progress.ts';
import { readProven } from './proven.ts';
import { type RemoteState, readContents, readRemote } from './remote.ts';
import { createTalk } from './talk.ts';
import { transfer } from './transfer.ts';

const REFUSED = 65;

export interface SyncWork {
  readonly system: string;
  readonly directory: string;
  readonly options: SyncOptions;
}

/** Resolves with the exit code. */
export async function sync(cli: Cli, { system, directory, options }: SyncWork): Promise<number> {
  checkSystemName(system);
  const group = checkGroupName(options.queryGroup ?? system);
  const { settings } = loadCliSettings(cli);
  const talk = createTalk(cli, { isJson: options.json === true });
  const local = await judgeLocal(cli, { directory, settings, schemas: options.schema, talk });
  if (local === null) return REFUSED;

  const signal = cli.catchInterrupt();
  const aws = await openAws(cli, options);
  const bucket = aws.bucket(await findBucketName(aws, system, signal));
  const prefix = etcPrefix(system, group);
  const remote = await readRemote(bucket, prefix, signal);
  noteLock(remote.manifest, { cli, talk, isTakeOver: options.takeOver === true });
  const maxBytes = settings.source.limits.fileSizeBytes;
  const plan = await compare({ bucket, prefix, system, group, local, remote, maxBytes, signal });
  talk.showPlan(plan, remote.foreign);

  const snapshot = snapshotIdOf(local, sha256);
  const result = { system, group, bucket: bucket.name, snapshot, ...summarize(plan) };
  if (options.dryRun === true) return talk.end({ ...result, outcome: 'dry-run', allow: [] }, 0);
  const allow = await agree(cli, {
    plan,
    options,
    talk,
    signal,
    question: `Sync to ${nameOf(system, group)}?`,
  });
  if (allow === null) return talk.end({ ...result, outcome: 'declined', allow: [] }, REFUSED);

  const follower =
    options.wait === true ? await startFollower(cli, { bucket, system, group, snapshot }) : null;
  await follower?.look(signal);
  await upload(cli, { bucket, prefix, local, remote, plan, allow, signal });
  const syncedAt = cli.now();
  talk.say(`${talk.style.good('✓')} synced ${printDigest(snapshot)} at ${printTime(syncedAt, syncedAt)}`);
  if (follower === null) return talk.end({ ...result, outcome: 'synced', allow }, 0);
  const followed = await follower.follow({ talk, timeoutMs: options.waitTimeout, signal });
  return talk.end({ ...result, allow, ...followed.result }, followed.exitCode);
}

async function compare(options: {
  readonly bucket: Bucket;
  readonly prefix: string;
  readonly system: string;
  readonly group: string;
  readonly local: readonly (SourceFile & { readonly sha256: string })[];
  readonly remote: RemoteState;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}): Promise<SyncPlan> {
  const { local, remote } = options;
  const manifest = remote.manifest?.parse ?? null;
  const paths = pathsToRead(local, remote.files, manifest?.kind === 'final' ? manifest : null);
  const read = await readContents({ ...options, paths, remote: remote.files });
  const plan = planSync({ local, remote: remote.files, read, proven: null });
  // The gateway compares with what it has proven. Where nothing can be held that costs a call for nothing.
  const isPlain = plan.deletions.length === 0 && !plan.uploads.some(({ effect }) => effect === 'restart');
  if (isPlain && manifest?.kind === 'final') return plan;
  const proven = await readProven(options);
  return proven === null ? plan : planSync({ local, remote: remote.files, read, proven });
}

async function upload(
  cli: Cli,
  work: {
    readonly bucket: Bucket;
    readonly prefix: string;
    readonly local: readonly (SourceFile & { readonly sha256: string })[];
    readonly remote: RemoteState;
    readonly plan: SyncPlan;
    readonly allow: readonly HoldKind[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { plan, signal } = work;
  const bar = await createUploadBar(cli, plan.uploads.length + plan.deletions.length);
  try {
    await transfer({ ...work, id: createSyncId(), by: whoAsks(cli.env), now: cli.now, onStep: bar.step });
  } catch (error) {
    throw explainEnd(error, signal.aborted);
  } finally {
    bar.end();
  }
}

async function startFollower(
  cli: Cli,
  options: { bucket: Bucket; system: string; group: string; snapshot: string },
) {
  const { createFollower } = await import('./follow.ts');
  return createFollower(cli, options);
}

const nameOf = (system: string, group: string) => `${system} (group ${group})`;

function summarize(plan: SyncPlan) {
  const { uploads, deletions, unchanged, widened, narrowed, lost } = plan;
  const paths = (files: readonly { readonly path: string }[]) => files.map(({ path }) => path);
  return {
    uploaded: paths(uploads),
    deleted: paths(deletions),
    unchanged: unchanged.length,
    widened,
    narrowed,
    lost,
  };
}
