import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createDirectoryConfigSource } from '../adapters/directory-source.ts';
import { runLimited } from '../adapters/limit-concurrency.ts';
import { AgentError } from '../core/errors.ts';
import type { Issue } from '../core/issue.ts';
import { byPath } from '../core/manifest.ts';
import { sourceIssue } from '../core/source/issues.ts';
import { checkLimits, type SourceLimits } from '../core/source/limits.ts';
import { describeGroup } from '../core/source/listing.ts';
import { classifyPath } from '../core/source/path.ts';
import type { SourceFile } from '../core/types.ts';
import { CliError } from './cli-error.ts';
import { printable } from './print.ts';

const CONCURRENT_READS = 8;

export interface DirectoryRead {
  /** As given, for people. */
  readonly directory: string;
  /** Empty when it is over a limit. */
  readonly files: readonly SourceFile[];
  /** Foreign paths, limits, nothing at all. */
  readonly issues: readonly Issue[];
  /** What lies there by right, or by an editor, and is never read. */
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
}

/**
 * Reads a directory by the rules of the source: what it would not take is not taken here either. Throws CliError 2
 * when there is no such directory, 77 when it may not be read, 75 when it changes all the while.
 */
export async function readDirectory(directory: string, limits: SourceLimits): Promise<DirectoryRead> {
  const source = createDirectoryConfigSource({ uri: pathToFileURL(resolve(directory)).href, group: 'local' });
  const { signal } = new AbortController();
  try {
    const objects = await source.list(signal);
    const listing = describeGroup('local', objects);
    const leftOut = objects.flatMap(({ path }) => describeLeftOut(path) ?? []);
    const isOver = checkLimits(listing.files, limits);
    if (isOver.length > 0) return { directory, files: [], issues: [...isOver, ...listing.issues], leftOut };
    const whole: SourceFile[] = [];
    // Not all at once: each read listens to the signal, and Node warns of more than ten listeners.
    const reads = listing.files.map((object) => async () => {
      const bytes = await source.read(object, signal);
      if (bytes !== null) whole.push({ path: object.path, bytes });
    });
    await runLimited(reads, CONCURRENT_READS);
    if (whole.length < listing.files.length) {
      throw new CliError(75, `${printable(directory)} changed while it was read`, 'Try again.');
    }
    return {
      directory,
      files: whole.toSorted(byPath),
      issues: whole.length === 0 ? [emptiness(), ...listing.issues] : listing.issues,
      leftOut,
    };
  } catch (error) {
    throw explain(error, printable(directory));
  }
}

function describeLeftOut(path: string): { path: string; why: string } | null {
  const { kind } = classifyPath(path);
  if (kind === 'manifest') return { path, why: 'a sync writes it' };
  if (kind !== 'ignored') return null;
  return { path, why: path.startsWith('datomic/views/') ? 'views are not read' : 'an editor’s own file' };
}

/** Nothing to publish is rarely what was meant: more likely the wrong directory was named. */
function emptiness(): Issue {
  return sourceIssue({
    code: 'SOURCE_EMPTY',
    severity: 'error',
    path: '',
    message: 'expected catalog/*.properties and datomic/*.edn, found neither',
    hint: 'Name the directory that holds catalog/ and datomic/.',
  });
}

function explain(error: unknown, directory: string): unknown {
  if (!(error instanceof AgentError)) return error;
  switch (error.code) {
    case 'SOURCE_MISSING':
      return new CliError(2, `there is no directory ${directory}`, 'Check the name.', error);
    case 'SOURCE_DENIED':
      return new CliError(
        77,
        `${directory} cannot be read as a source: ${error.message}`,
        'Check it.',
        error,
      );
    default:
      return error;
  }
}
