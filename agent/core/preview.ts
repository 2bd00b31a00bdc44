/** What publishing a directory would do to a gateway, file by file. Pure; nothing is changed. */
import { acknowledgedDeletions, isExposureAcknowledged } from './acknowledged.ts';
import { compareText } from './digest.ts';
import { describeChange } from './file-change.ts';
import { widenedExposure } from './gate/exposure.ts';
import { guardDeletions } from './guard.ts';
import type { Issue } from './issue.ts';
import type { Acknowledgement } from './memory.ts';
import type { SourceFile } from './types.ts';

export type Effect = 'hot-reload' | 'restart' | 'none' | 'held' | 'refused';

export interface FileEffect {
  readonly path: string;
  readonly effect: Effect;
  readonly reason: string;
  /** The bytes differ from what is live. */
  readonly isChanged: boolean;
}

export interface Preview {
  /** In order; empty when nothing would happen. */
  readonly actions: readonly { readonly kind: 'publish' | 'start' | 'restart' }[];
  readonly reason: string;
  /** In path order. */
  readonly files: readonly FileEffect[];
}

/** The gateway, or the directory, that the files meet. */
export interface PreviewGround {
  /** What is live, as the source wrote it; null when nothing is. */
  readonly effective: readonly SourceFile[] | null;
  /** The last proven files of the group; null when there are none. */
  readonly baseline: readonly SourceFile[] | null;
  /** Paths that are kept already, and the files that are, as far as the baseline lacks them. */
  readonly kept: readonly string[];
  readonly keptFiles: readonly SourceFile[];
  readonly acknowledgements: readonly Acknowledgement[];
  readonly exposure: 'hold' | 'allow';
  /** Why the engine failed with the catalogs of these files before; null when it did not. */
  readonly findQuarantine: (files: readonly SourceFile[]) => string | null;
}

export function previewPublish(options: {
  readonly files: readonly SourceFile[];
  /** All findings of gate and source in them. */
  readonly issues: readonly Issue[];
  /** The gate again, for the files together with kept ones. */
  readonly checkTogether: (files: readonly SourceFile[]) => readonly Issue[];
  readonly ground: PreviewGround;
}): Preview {
  const { files, issues, checkTogether, ground } = options;
  const { effective, baseline } = ground;
  const kept = guardDeletions({
    baseline: baseline?.map(({ path }) => path) ?? [],
    kept: ground.kept,
    snapshot: files.map(({ path }) => path),
    acknowledged: acknowledgedDeletions(ground.acknowledgements),
  }).kept;
  const keptFiles = [...ground.keptFiles, ...(baseline ?? []), ...(effective ?? [])].filter(
    ({ path }, index, all) => kept.includes(path) && all.findIndex((file) => file.path === path) === index,
  );
  const after = [...files, ...keptFiles];
  const changes = findChanges(effective ?? [], after, kept);

  const errors = isRefused(issues) || keptFiles.length === 0 ? issues : checkTogether(after);
  if (isRefused(errors)) return refuse(changes, errors, files);
  const before = baseline ?? effective;
  const widened = before === null || ground.exposure === 'allow' ? [] : widenedExposure(before, after);
  const held = widened.filter((one) => !isExposureAcknowledged(ground.acknowledgements, one));
  if (held.length > 0) return hold(changes, held);
  const isRestart = changes.some(({ effect }) => effect === 'restart');
  const failure = isRestart ? ground.findQuarantine(after) : null;
  return failure === null ? publish(changes, effective === null) : fallBack(changes, failure);
}

function isRefused(issues: readonly Issue[]): boolean {
  return issues.some(({ severity }) => severity === 'error');
}

function findChanges(
  before: readonly SourceFile[],
  after: readonly SourceFile[],
  kept: readonly string[],
): readonly FileEffect[] {
  const old = new Map(before.map((file) => [file.path, file.bytes]));
  const now = new Map(after.map((file) => [file.path, file.bytes]));
  return [...new Set([...old.keys(), ...now.keys()])].toSorted(compareText).map((path) => {
    if (kept.includes(path)) {
      return { path, effect: 'held', reason: 'gone with its whole directory: kept live', isChanged: false };
    }
    return { path, ...describeChange(path, old.get(path) ?? null, now.get(path) ?? null) };
  });
}

function refuse(
  changes: readonly FileEffect[],
  issues: readonly Issue[],
  files: readonly SourceFile[],
): Preview {
  const errors = issues.filter(({ severity }) => severity === 'error');
  const own = new Set(files.map(({ path }) => path));
  const elsewhere = [...new Set(errors.map(({ path }) => path).filter((path) => !own.has(path)))];
  const effects = changes.map((change): FileEffect => {
    const [first, ...more] = errors.filter(({ path }) => path === change.path);
    if (first !== undefined)
      return { ...change, effect: 'refused', reason: describeIssue(first, more.length) };
    return change.isChanged
      ? { ...change, effect: 'refused', reason: 'files are published as a set' }
      : change;
  });
  const others = elsewhere.flatMap((path): FileEffect[] => {
    const [first, ...more] = errors.filter((issue) => issue.path === path);
    const isKnown = path === '' || effects.some((effect) => effect.path === path);
    if (first === undefined || isKnown) return [];
    return [{ path, effect: 'refused', reason: describeIssue(first, more.length), isChanged: true }];
  });
  const whole = errors.find(({ path }) => path === '');
  const count = `${errors.length} error${errors.length === 1 ? '' : 's'}`;
  const reason = `refused: ${whole === undefined ? count : `${count}: ${whole.message}`}`;
  return {
    actions: [],
    reason,
    files: [...effects, ...others].toSorted((a, b) => compareText(a.path, b.path)),
  };
}

function describeIssue({ line, column, message }: Issue, more: number): string {
  const place = line === 0 ? '' : `${line}:${column} `;
  return `${place}${message}${more === 0 ? '' : `, and ${more} more`}`;
}

function hold(
  changes: readonly FileEffect[],
  held: readonly { readonly path: string; readonly reason: string }[],
): Preview {
  const paths = held.map(({ path }) => path);
  const files = changes.map((change): FileEffect => {
    const own = held.find(({ path }) => path === change.path);
    if (own !== undefined) return { ...change, effect: 'held', reason: own.reason };
    const reason = `waits with ${paths.join(', ')}`;
    return change.isChanged ? { ...change, effect: 'held', reason } : change;
  });
  return {
    actions: [],
    reason: `held until a person agrees: ${paths.join(', ')} would show more than before`,
    files,
  };
}

/** The engine failed with these catalogs before: they wait, the metaschemas go live on the proven ones. */
function fallBack(changes: readonly FileEffect[], failure: string): Preview {
  const files = changes.map((change): FileEffect => {
    const isCatalog = change.path.startsWith('catalog/') && change.isChanged;
    return isCatalog ? { ...change, effect: 'held', reason: `quarantined: ${failure}` } : change;
  });
  const hot = files.filter(({ effect, isChanged }) => isChanged && effect !== 'held');
  return {
    actions: hot.length > 0 ? [{ kind: 'publish' }] : [],
    reason: `the catalogs are quarantined (${failure}); the rest goes live on the proven ones`,
    files,
  };
}

function publish(changes: readonly FileEffect[], isFirst: boolean): Preview {
  const changed = changes.filter(({ isChanged }) => isChanged).length;
  const isRestart = changes.some(({ effect }) => effect === 'restart');
  const kept = changes.filter(({ effect }) => effect === 'held').length;
  const hint = kept === 0 ? '' : `, keep ${kept} until a person agrees`;
  if (changed === 0) return { actions: [], reason: `nothing to publish${hint}`, files: changes };
  const files = `publish ${changed} file${changed === 1 ? '' : 's'}`;
  if (isFirst) {
    return {
      actions: [{ kind: 'publish' }, { kind: 'start' }],
      reason: `${files}, start the analytics process`,
      files: changes,
    };
  }
  const effect = isRestart ? 'restart the analytics process once' : 'no restart';
  return {
    actions: [{ kind: 'publish' }, ...(isRestart ? [{ kind: 'restart' } as const] : [])],
    reason: `${files}, ${effect}${hint}`,
    files: changes,
  };
}
