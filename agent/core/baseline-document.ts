/**
 * A group's saved baseline: `<system>/datomic/gateway/baseline/GROUP.json`. It holds what another machine needs to
 * begin where this one ended: the last proven source files, holds, acknowledgements, and since when the group is in
 * force. Written by us, and yet read as hostile text: bounded, every file checked against its sha256.
 *
 * Fields may be added without a new version: those that a reader does not know are passed over. The version rises
 * only when an older reader would be wrong to go on; such a document is `newer`, and not used.
 */
import { decodeBase64, encodeBase64 } from './base64.ts';
import {
  branded,
  type Decoder,
  decodeJson,
  finite,
  hexDigest,
  listOf,
  nullable,
  oneOf,
  recordOf,
  shape,
  text,
  withDefault,
} from './decode.ts';
import { canonicalJson, compareText, type Sha256 } from './digest.ts';
import type { Acknowledgement, ExposureHold } from './memory.ts';
import { acknowledgement, exposureHold } from './memory-document.ts';
import { origin } from './release-document.ts';
import { isManaged } from './source/path.ts';
import type { Digest, Origin, SnapshotId, SourceFile } from './types.ts';

/** Twice the default limit of a source, in base64; neither read nor written above. */
export const MAX_BASELINE_BYTES = 48 * 1024 * 1024;
const VERSION = 1;

export interface SavedBaseline {
  readonly group: string;
  /** When the machine that wrote it came to know this. */
  readonly changedAt: number;
  readonly by: { readonly instance: string | null; readonly agent: string };
  /** The high-water mark of the source, when the group was in force as this was written; null when it was not. */
  readonly markAt: number | null;
  readonly proven: SavedProven | null;
  readonly kept: SavedKept | null;
  readonly exposure: ExposureHold | null;
  readonly acknowledgements: readonly Acknowledgement[];
}

/** The source files of the last proven release, kept ones included. */
export interface SavedProven {
  readonly snapshot: SnapshotId;
  readonly origin: Origin;
  readonly kept: readonly string[];
  readonly files: readonly SourceFile[];
}

/** A deletion hold, with the files that it keeps. */
export interface SavedKept {
  readonly snapshot: SnapshotId;
  readonly at: number;
  readonly files: readonly SourceFile[];
}

export type BaselineParse =
  | { readonly kind: 'saved'; readonly saved: SavedBaseline }
  /** Written by a later agent in a way that this one cannot know. */
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'malformed'; readonly reason: string };

type Hashes = Readonly<Record<string, string>>;

interface Document {
  readonly version: 1;
  readonly group: string;
  readonly changedAt: number;
  readonly by: SavedBaseline['by'];
  readonly markAt: number | null;
  readonly proven: (Omit<SavedProven, 'files'> & { readonly files: Hashes }) | null;
  readonly kept: (Omit<SavedKept, 'files'> & { readonly files: Hashes }) | null;
  readonly exposure: ExposureHold | null;
  readonly acknowledgements: readonly Acknowledgement[];
  /** By sha256: base64. A file that is both proven and kept is there once. */
  readonly contents: Hashes;
}

const hashes = recordOf<string>(hexDigest<Digest>());
const document: Decoder<Document> = shape<Document>({
  version: oneOf(VERSION),
  group: text,
  changedAt: finite,
  by: shape({ instance: nullable(text), agent: text }),
  markAt: nullable(finite),
  proven: nullable(shape({ snapshot: branded<SnapshotId>(), origin, kept: listOf(text), files: hashes })),
  kept: nullable(shape({ snapshot: branded<SnapshotId>(), at: finite, files: hashes })),
  exposure: withDefault(nullable(exposureHold), null),
  acknowledgements: withDefault(listOf(acknowledgement), []),
  contents: recordOf(text),
});
const versioned = shape<{ version: number }>({ version: finite });

/** The text of a baseline: stable order, so that equal baselines are equal bytes. */
export function printBaseline(saved: SavedBaseline, sha256: Sha256): string {
  const { proven, kept } = saved;
  const files = [...(proven?.files ?? []), ...(kept?.files ?? [])];
  const contents = new Map(files.map(({ bytes }) => [sha256(bytes), bytes]));
  const written: Document = {
    version: VERSION,
    ...saved,
    proven: proven === null ? null : { ...proven, files: hash(proven.files, sha256) },
    kept: kept === null ? null : { ...kept, files: hash(kept.files, sha256) },
    contents: Object.fromEntries([...contents].map(([name, bytes]) => [name, encodeBase64(bytes)])),
  };
  return `${canonicalJson(written)}\n`;
}

/** Names what a baseline says, whoever says it and when. */
export function baselineContentId(saved: SavedBaseline, sha256: Sha256): string {
  const { markAt, exposure, acknowledgements, proven, kept } = saved;
  return sha256(
    canonicalJson({
      markAt,
      exposure,
      acknowledgements,
      proven: proven === null ? null : { ...proven, files: hash(proven.files, sha256) },
      kept: kept === null ? null : { ...kept, files: hash(kept.files, sha256) },
    }),
  );
}

/** Whether `one` knows more of the world than `other`: by the source's own clock, then by the writers'. */
export function isNewerBaseline(one: SavedBaseline, other: SavedBaseline): boolean {
  const [mark, otherMark] = [one.markAt ?? 0, other.markAt ?? 0];
  return mark === otherMark ? one.changedAt > other.changedAt : mark > otherMark;
}

/** Reads the baseline of `group`; never throws, and never quotes the text, which holds catalogs. */
export function parseBaseline(bytes: Uint8Array, group: string, sha256: Sha256): BaselineParse {
  if (bytes.length > MAX_BASELINE_BYTES) return malformed(`larger than ${MAX_BASELINE_BYTES} bytes`);
  const read = readUtf8(bytes);
  if (read === null) return malformed('no UTF-8');
  const version = decodeJson(versioned, read);
  if (version.isValid && version.value.version > VERSION) {
    return { kind: 'newer', version: version.value.version };
  }
  const decoded = decodeJson(document, read);
  if (!decoded.isValid) return malformed(decoded.problem);
  const { proven, kept, contents, version: _version, ...rest } = decoded.value;
  if (rest.group !== group) return malformed('of another group');
  try {
    const saved: SavedBaseline = {
      ...rest,
      proven: proven === null ? null : { ...proven, files: collect(proven.files, contents, sha256) },
      kept: kept === null ? null : { ...kept, files: collect(kept.files, contents, sha256) },
    };
    return { kind: 'saved', saved };
  } catch (error) {
    if (error instanceof UnusableFile) return malformed(error.message);
    throw error;
  }
}

class UnusableFile extends Error {}

function collect(files: Hashes, contents: Hashes, sha256: Sha256): readonly SourceFile[] {
  return Object.entries(files)
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([path, name]) => {
      if (!isManaged(path)) throw new UnusableFile('names a path that is no file of a source');
      const content = Object.hasOwn(contents, name) ? contents[name] : undefined;
      const bytes = content === undefined ? null : decodeBase64(content);
      if (bytes === null || sha256(bytes) !== name) {
        throw new UnusableFile(`the content of ${path} is missing or not what its sha256 says`);
      }
      return { path, bytes };
    });
}

function hash(files: readonly SourceFile[], sha256: Sha256): Hashes {
  return Object.fromEntries(files.map(({ path, bytes }) => [path, sha256(bytes)]));
}

function readUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: the caller says so.
    return null;
  }
}

function malformed(reason: string): BaselineParse {
  return { kind: 'malformed', reason };
}
