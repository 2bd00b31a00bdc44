import { diffTexts } from '../core/diff.ts';
import { compareText } from '../core/digest.ts';
import type { Release } from '../core/release.ts';
import { redact, secretsOf } from '../core/secrets.ts';
import type { SourceFile } from '../core/types.ts';

export interface FileDiff {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Unified hunks with their headers, secrets redacted. Empty when only secrets differ. */
  readonly lines: readonly string[];
}

const MARKS = { same: ' ', removed: '-', added: '+' } as const;

/** The files of the live etc in which the desired release differs from the effective one, in path order. */
export function compareReleases(effective: Release | null, desired: Release): readonly FileDiff[] {
  const before = toMap(effective?.etc ?? []);
  const after = toMap(desired.etc);
  const secrets = [...secretsOf(effective?.etc ?? []), ...secretsOf(desired.etc)];
  const textOf = (file: SourceFile | undefined) =>
    file === undefined ? '' : redact(new TextDecoder().decode(file.bytes), secrets);
  return [...new Set([...before.keys(), ...after.keys()])].toSorted(compareText).flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (old !== undefined && now !== undefined && areEqual(old.bytes, now.bytes)) return [];
    const change = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    const lines = diffTexts(textOf(old), textOf(now)).flatMap((hunk) => [
      hunk.header,
      ...hunk.lines.flatMap(({ kind, text }) => toLines(MARKS[kind], text)),
    ]);
    return [{ path, change, lines }];
  });
}

/** The remark on a missing line end stands on a line of its own, without mark. */
function toLines(mark: string, text: string): string[] {
  const [line = '', ...remark] = text.split('\n');
  return [mark + line, ...remark];
}

function toMap(files: readonly SourceFile[]): ReadonlyMap<string, SourceFile> {
  return new Map(files.map((file) => [file.path, file]));
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
