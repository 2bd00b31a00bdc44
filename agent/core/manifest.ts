/**
 * `manifest.json` of the source: what a sync uploaded, or that one is under way. It guards against tearing, not
 * against attackers, yet it is parsed as hostile text: bounded, strict about what it knows, plain values out.
 * Unknown keys are passed over, so that a newer CLI can say more.
 */
import { parseInstant, printInstant } from './instant.ts';
import { isManaged } from './source/path.ts';
import type { HoldKind, SnapshotId, SourceFile } from './types.ts';

/** Larger ones are not read. 500 files with long paths take about 200 KiB. */
export const MAX_MANIFEST_BYTES = 1024 * 1024;
/** A pending sync whose lock is this old was interrupted, and its lock may be taken over. */
export const INTERRUPTED_AFTER_MS = 15 * 60_000;

/** Lower-case hex. */
export type Sha256 = (bytes: Uint8Array) => string;

export interface ManifestFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** Tag of the object with this content, as the next sync finds it listed; another tool's write gives another. */
  readonly tag?: string;
}

export interface FinalManifest {
  readonly kind: 'final';
  /** In path order. */
  readonly files: readonly ManifestFile[];
  readonly by: string;
  readonly at: number;
  /** Holds that a person allowed for exactly these files. */
  readonly allow: readonly HoldKind[];
}

/** A sync is under way; this is its lock. */
export interface PendingManifest {
  readonly kind: 'pending';
  readonly id: string;
  readonly by: string;
  readonly at: number;
}

export type Manifest = FinalManifest | PendingManifest;
export type ManifestParse = Manifest | { readonly kind: 'malformed'; readonly reason: string };

const MAX_TEXT = 256;
const SHA256 = /^[0-9a-f]{64}$/u;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Reads a manifest. What is no valid manifest is `malformed`, with the first reason; never throws. */
export function parseManifest(bytes: Uint8Array): ManifestParse {
  if (bytes.length > MAX_MANIFEST_BYTES) return malformed(`is larger than ${MAX_MANIFEST_BYTES} bytes`);
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Whatever the parser says, it may quote the text: the reason stays ours.
    return malformed('is not JSON in UTF-8');
  }
  if (!isRecord(document)) return malformed('is not a JSON object');
  if (own(document, 'version') !== 1) return malformed('has no "version": 1');
  const pending = own(document, 'pending');
  if (pending === undefined) return parseFinal(document);
  if (own(document, 'files') !== undefined) return malformed('has both "pending" and "files"');
  return parsePending(pending);
}

/** The text of a manifest: stable order, so that equal manifests are equal bytes. */
export function printManifest(manifest: Manifest): string {
  if (manifest.kind === 'pending') {
    const { id, by, at } = manifest;
    return `${JSON.stringify({ version: 1, pending: { id, by, at: printInstant(at) } })}\n`;
  }
  const files = Object.fromEntries(
    [...manifest.files]
      .sort(byPath)
      .map(({ path, size, sha256, tag }) => [path, { size, sha256, ...(tag === undefined ? {} : { tag }) }]),
  );
  const { by, allow } = manifest;
  return `${JSON.stringify({ version: 1, files, by, at: printInstant(manifest.at), allow }, null, 1)}\n`;
}

/** Name of a snapshot: sha256 over its `path NUL sha256 LF` lines, sorted by path (UTF-16 code units). */
export function snapshotId(files: readonly SourceFile[], sha256: Sha256): SnapshotId {
  const lines = [...files].sort(byPath).map(({ path, bytes }) => `${path}\0${sha256(bytes)}\n`);
  return sha256(new TextEncoder().encode(lines.join(''))) as SnapshotId;
}

/** Whether the manifest names exactly the listed files, with their sizes. */
export function agreesWithListing(
  manifest: FinalManifest,
  listed: readonly { readonly path: string; readonly size: number }[],
): boolean {
  const sizes = new Map(listed.map(({ path, size }) => [path, size]));
  return (
    sizes.size === manifest.files.length && manifest.files.every(({ path, size }) => sizes.get(path) === size)
  );
}

/** Whether the manifest names exactly these files, with their content. */
export function agreesWithBytes(
  manifest: FinalManifest,
  files: readonly SourceFile[],
  sha256: Sha256,
): boolean {
  const named = new Map(manifest.files.map((file) => [file.path, file]));
  return (
    files.length === named.size &&
    files.every(({ path, bytes }) => {
      const file = named.get(path);
      return file !== undefined && file.size === bytes.length && file.sha256 === sha256(bytes);
    })
  );
}

/** Whether the lock of a pending sync, taken at `lockedAt`, is so old that its holder must be gone. */
export function isInterrupted(lockedAt: number, now: number): boolean {
  return now - lockedAt >= INTERRUPTED_AFTER_MS;
}

function parsePending(value: unknown): ManifestParse {
  if (!isRecord(value)) return malformed('has a "pending" that is not an object');
  const id = readText(own(value, 'id'));
  const by = readText(own(value, 'by'));
  const at = readInstant(own(value, 'at'));
  if (id === null || by === null || at === null) {
    return malformed('has a "pending" without the texts "id", "by" and the UTC instant "at"');
  }
  return { kind: 'pending', id, by, at };
}

function parseFinal(document: Record<string, unknown>): ManifestParse {
  const listed = own(document, 'files');
  if (!isRecord(listed)) return malformed('has neither "pending" nor "files"');
  const files: ManifestFile[] = [];
  for (const [path, value] of Object.entries(listed)) {
    const file = isRecord(value) ? readFile(path, value) : null;
    if (file === null)
      return malformed('has an entry in "files" that is no managed path with size and sha256');
    files.push(file);
  }
  const by = readText(own(document, 'by'));
  const at = readInstant(own(document, 'at'));
  if (by === null || at === null) return malformed('lacks the text "by" or the UTC instant "at"');
  const allow = readAllow(own(document, 'allow'));
  if (allow === null) return malformed('has an "allow" that is no list of "deletion" and "exposure"');
  return { kind: 'final', files: files.sort(byPath), by, at, allow };
}

function readFile(path: string, value: Record<string, unknown>): ManifestFile | null {
  const size = own(value, 'size');
  const sha256 = own(value, 'sha256');
  if (!isManaged(path) || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
  if (typeof sha256 !== 'string' || !SHA256.test(sha256)) return null;
  const tag = readText(own(value, 'tag'));
  return { path, size, sha256, ...(tag === null ? {} : { tag }) };
}

function readAllow(value: unknown): readonly HoldKind[] | null {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return null;
  const isKnown = value.every((kind) => kind === 'deletion' || kind === 'exposure');
  return isKnown ? [...new Set(value as HoldKind[])].sort() : null;
}

function readText(value: unknown): string | null {
  if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT) return null;
  return UNPRINTABLE.test(value) ? null : value;
}

const readInstant = (value: unknown) => (typeof value === 'string' ? parseInstant(value) : null);

const malformed = (reason: string) => ({ kind: 'malformed', reason }) as const;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Never a member of the prototype. */
const own = (record: Record<string, unknown>, key: string) =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** By UTF-16 code units, the same on every machine. */
export const byPath = (left: { readonly path: string }, right: { readonly path: string }) =>
  left.path < right.path ? -1 : left.path > right.path ? 1 : 0;
