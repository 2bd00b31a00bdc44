/** The source of a gateway in memory: what lies there, and what gate and guards say of it. */
import {
  acknowledgedDeletions,
  acknowledgementsOf,
  allowedByManifest,
  isExposureAcknowledged,
  stillNeeded,
} from '../../agent/core/acknowledged.ts';
import { guardDeletions } from '../../agent/core/guard.ts';
import type { Memory } from '../../agent/core/memory.ts';
import type { Candidate } from '../../agent/core/observed.ts';
import type { Digest, Fingerprint, HoldKind, ReleaseFacts, SnapshotId } from '../../agent/core/types.ts';
import { T0 } from './builders.ts';

/** One catalog and, unless null, one metaschema file. */
export interface Files {
  readonly group: string;
  /** A letter stands for the catalog's text but for its databases. */
  readonly catalog: string;
  readonly shows: 'list' | 'all';
  /** 1 to 9; null: the directory is gone. */
  readonly metaschema: number | null;
  readonly isBroken: boolean;
  readonly allow: readonly HoldKind[];
  /** Each sync is younger than the one before. */
  readonly order: number;
}

const CATALOG = 'catalog/shop.properties';
const METASCHEMA = 'datomic/a.edn';
const WIDENED = { path: CATALOG, reason: 'every database' };

/** Named by the content alone. */
export const snapshotOf = ({ group, catalog, shows, metaschema, isBroken }: Files): SnapshotId =>
  `${group}/${catalog}${shows === 'all' ? '*' : ''}${metaschema ?? '-'}${isBroken ? '!' : ''}` as SnapshotId;

export const fingerprintOf = ({ group, catalog, shows }: Files): Fingerprint =>
  `${group}.${catalog}${shows === 'all' ? '*' : ''}` as Fingerprint;

/** What a release shows, read from its name. */
export const showsAll = ({ fingerprint }: ReleaseFacts): boolean => fingerprint.endsWith('*');
/** Of several releases the same where their metaschemas are. */
export const metaschemasOf = ({ digest }: ReleaseFacts): string => /\d+$/.exec(digest)?.[0] ?? '';
export const hasMetaschema = ({ digest }: ReleaseFacts): boolean => !digest.endsWith('0');

const pathsOf = (hasIt: boolean) => (hasIt ? [CATALOG, METASCHEMA] : [CATALOG]);

function releaseOf(files: Files, kept: string | null): ReleaseFacts {
  const hot = files.metaschema === null ? (kept === null ? '0' : `k${kept}`) : `${files.metaschema}`;
  return {
    digest: `${fingerprintOf(files)}${hot}` as Digest,
    snapshot: snapshotOf(files),
    group: files.group,
    fingerprint: fingerprintOf(files),
    catalogs: ['shop'],
    origin: { at: T0 + files.order, by: 'maria' },
  };
}

/** What gate and guards say of a cut, with what the agent remembers and what is live. */
export function judgeFiles(files: Files, memory: Memory, effective: ReleaseFacts | null): Candidate {
  const { group, isBroken, allow } = files;
  const snapshot = snapshotOf(files);
  const origin = { at: T0 + files.order, by: 'maria' };
  const given = acknowledgementsOf(memory, group);
  const judged = { snapshot, group, origin, issues: [], kept: [], widened: [] };
  if (isBroken) {
    const place = { path: METASCHEMA, line: 1, column: 1, message: 'never closed', hint: 'close it' };
    return {
      ...judged,
      issues: [{ code: 'EDN_UNBALANCED', severity: 'error', ...place }],
      release: null,
      acknowledgements: given,
    };
  }
  const baseline = memory.baselines[group] ?? null;
  const keeper = memory.kept[group]?.from ?? baseline;
  const guard = (acknowledged: readonly string[]) =>
    guardDeletions({
      baseline: baseline === null ? [] : pathsOf(!baseline.endsWith('0')),
      kept: memory.kept[group]?.paths ?? [],
      snapshot: pathsOf(files.metaschema !== null),
      acknowledged,
    }).kept;
  const before = baseline === null ? (effective?.fingerprint ?? null) : baseline.replace(/k?\d+$/, '');
  const isWider = files.shows === 'all' && before !== null && !before.endsWith('*');
  const exposures = isWider ? [WIDENED] : [];
  const deletions = guard([]);
  const made = allowedByManifest({ id: snapshot, group, files: [], origin, allow }, { deletions, exposures });
  const known = [
    ...given,
    ...made.filter(
      (one) => !given.some(({ snapshot: of, kind }) => of === one.snapshot && kind === one.kind),
    ),
  ];
  const kept = guard(acknowledgedDeletions(known));
  return {
    ...judged,
    release: releaseOf(files, kept.length === 0 ? null : (/\d+$/.exec(keeper ?? '')?.[0] ?? null)),
    kept,
    widened: exposures.filter((one) => !isExposureAcknowledged(known, one)),
    acknowledgements: stillNeeded(known, { hasBaseline: baseline !== null, deletions, exposures }),
  };
}
