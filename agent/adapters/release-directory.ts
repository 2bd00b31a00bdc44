import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJson } from '../core/decode.ts';
import { releaseDigest, type Sha256, sortFiles } from '../core/digest.ts';
import { managedKindOf } from '../core/managed-path.ts';
import type { Intent, Release } from '../core/release.ts';
import { intentDocument, type ReleaseDocument, releaseDocument } from '../core/release-document.ts';
import type { Digest, SourceFile } from '../core/types.ts';
import { readRegularFile } from './regular-file.ts';

/**
 * Reads what the release store laid out, trusting nothing: the started copy is made by root from a directory
 * that an unprivileged user writes. No link is followed, only ordinary files count, sizes are bounded, and the
 * digest is computed over the very bytes that are returned.
 */

const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
const MAX_FILES = 4_000;
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_TOTAL_BYTES = 128 * 1024 * 1024;
const MAX_INTENT_BYTES = 4_096;

export function releasePathOf(storeDir: string, digest: Digest): string {
  return join(storeDir, 'releases', digest);
}

/** The intent, or null when there is none or it makes no sense. Rejects with Node's own error. */
export async function readIntentFile(storeDir: string): Promise<Intent | null> {
  const bytes = await readRegularFile(join(storeDir, 'intent.json'), MAX_INTENT_BYTES);
  if (bytes === null) return null;
  const decoded = decodeJson(intentDocument, Buffer.from(bytes).toString('utf8'));
  return decoded.isValid ? decoded.value : null;
}

/** `release.json` of a release; null when it is not there, damaged, or names another release. */
export async function readReleaseDocument(dir: string, digest: Digest): Promise<ReleaseDocument | null> {
  const bytes = await readRegularFile(join(dir, 'release.json'), MAX_DOCUMENT_BYTES);
  if (bytes === null) return null;
  const decoded = decodeJson(releaseDocument, Buffer.from(bytes).toString('utf8'));
  return decoded.isValid && decoded.value.facts.digest === digest ? decoded.value : null;
}

/**
 * The whole release, or null when it is not there or anything differs from what its name promises. Rejects with
 * Node's own error where the disk or a permission is to blame.
 */
export async function readReleaseDirectory(options: {
  readonly storeDir: string;
  readonly digest: Digest;
  readonly sha256: Sha256;
}): Promise<Release | null> {
  const dir = releasePathOf(options.storeDir, options.digest);
  if (!(await isDirectory(dir))) return null;
  const document = await readReleaseDocument(dir, options.digest);
  if (document === null) return null;

  const budget = { files: MAX_FILES, bytes: MAX_TOTAL_BYTES };
  const source = await readTree(join(dir, 'source'), budget);
  const etc = await readTree(join(dir, 'etc'), budget);
  if (source === null || etc === null) return null;

  const release: Release = {
    facts: document.facts,
    inputs: document.inputs,
    kept: document.kept,
    source: sortFiles(source),
    etc: sortFiles(etc),
  };
  return releaseDigest(release, options.sha256) === options.digest ? release : null;
}

interface Budget {
  files: number;
  bytes: number;
}

/** Files below a directory by their relative path; null when something lies there that is none of ours. */
async function readTree(root: string, budget: Budget): Promise<readonly SourceFile[] | null> {
  const paths = await listManaged(root, budget);
  if (paths === null) return null;
  const files: SourceFile[] = [];
  for (const path of paths) {
    const bytes = await readRegularFile(join(root, path), Math.min(MAX_FILE_BYTES, budget.bytes));
    if (bytes === null) return null;
    budget.bytes -= bytes.length;
    files.push({ path, bytes });
  }
  return files;
}

async function listManaged(root: string, budget: Budget): Promise<readonly string[] | null> {
  if (!(await isDirectory(root))) return null;
  const paths: string[] = [];
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (entry.isDirectory() && (entry.name === 'catalog' || entry.name === 'datomic')) {
      const names = await readdir(join(root, entry.name));
      paths.push(...names.map((name) => `${entry.name}/${name}`));
    } else {
      paths.push(entry.name);
    }
  }
  budget.files -= paths.length;
  return budget.files >= 0 && paths.every((path) => managedKindOf(path) !== null) ? paths : null;
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
