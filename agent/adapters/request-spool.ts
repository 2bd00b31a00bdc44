/**
 * Requests as files that are dropped by rename, answers as files beside them.
 *
 * A request counts when the user of the agent, root, or the owner of the directory has written it: root is who logs
 * in to help, and who owns the directory can put anything in anybody's name anyway. Other users may have write
 * access by a group or by mistake; a restart is not theirs to order, and the refusal says so.
 */
import { type FSWatcher, watch } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError } from '../core/errors.ts';
import type { OpenRequest } from '../core/observed.ts';
import {
  decodeRequest,
  isPartialName,
  MAX_REQUEST_BYTES,
  requestFileName,
  requestIdOf,
} from '../core/request-document.ts';
import type { Clock, RequestSpool, SpoolLook } from '../ports.ts';
import { createAnswerDirectory } from './answer-directory.ts';
import { type FileOperations, fileOperations } from './file-operations.ts';
import { readSpoolFile } from './spool-file.ts';

/** Names that one look reads; more wait for the next. */
const MAX_NAMES = 10_000;
/** Entries that one look opens or removes. */
const MAX_TAKEN = 64;
/** A request that is still being written is younger. */
const PARTIAL_AGE_MS = 60 * 60_000;
/** Names that cannot be removed and are left alone; above it they are forgotten and looked at again. */
const MAX_IGNORED = 1_000;

interface Entry {
  readonly name: string;
  readonly droppedAt: number;
  readonly uid: number;
  readonly isDirectory: boolean;
}

type Found =
  | { readonly kind: 'open'; readonly request: OpenRequest }
  | { readonly kind: 'malformed'; readonly malformed: SpoolLook['malformed'][number] }
  | { readonly kind: 'stray'; readonly why: string }
  | { readonly kind: 'none' };

const NONE: Found = { kind: 'none' };

export function createRequestSpool(options: {
  readonly requestsDir: string;
  readonly answersDir: string;
  readonly clock: Clock;
  readonly operations?: FileOperations;
}): RequestSpool {
  const { requestsDir, clock } = options;
  const operations = options.operations ?? fileOperations;
  const answers = createAnswerDirectory({ dir: options.answersDir, clock, operations });
  const ignored = new Set<string>();
  let watcher: { readonly identity: string; readonly watcher: FSWatcher } | null = null;
  let onEvent: (() => void) | null = null;

  /** True when it is gone. What cannot be removed is looked at no more. */
  async function remove(entry: Entry): Promise<boolean> {
    try {
      // A directory with something in it belongs to somebody.
      await (entry.isDirectory ? operations.removeDirectory : operations.unlink)(
        join(requestsDir, entry.name),
      );
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
      if (ignored.size >= MAX_IGNORED) ignored.clear();
      ignored.add(entry.name);
      return false;
    }
  }

  async function readNames(): Promise<{ readonly names: readonly string[]; readonly hasMore: boolean }> {
    const names: string[] = [];
    for await (const { name } of await opendir(requestsDir)) {
      if (ignored.has(name)) continue;
      if (names.length === MAX_NAMES) return { names, hasMore: true };
      names.push(name);
    }
    return { names, hasMore: false };
  }

  async function describe(name: string): Promise<Entry | null> {
    const stat = await lstat(join(requestsDir, name)).catch(() => null);
    if (stat === null) return null;
    // A file's time can be set to anything; nothing was asked for in the future.
    const droppedAt = Math.max(0, Math.min(clock.now(), Math.floor(stat.mtimeMs)));
    return { name, droppedAt, uid: stat.uid, isDirectory: stat.isDirectory() };
  }

  async function examine(entry: Entry, isTrustedOwner: (uid: number) => boolean): Promise<Found> {
    const { name, droppedAt } = entry;
    const id = requestIdOf(name);
    if (id === null) {
      const isRemoved = await remove(entry);
      const isOurs = isPartialName(name) && isRemoved;
      return isOurs ? NONE : { kind: 'stray', why: isRemoved ? 'removed' : 'left alone' };
    }
    if (await answers.has(id)) {
      const isRemoved = await remove(entry);
      return isRemoved ? NONE : { kind: 'stray', why: 'answered, and cannot be removed' };
    }
    const file = await readSpoolFile({
      path: join(requestsDir, name),
      maxBytes: MAX_REQUEST_BYTES,
      isTrustedOwner,
    });
    if (file.kind === 'absent') return NONE;
    const refuse = (why: string): Found => ({
      kind: 'malformed',
      malformed: { id, by: `user ${entry.uid}`, why: `the request ${why}`, requestedAt: droppedAt },
    });
    if (file.kind === 'unfit') return refuse(file.why);
    const decoded = decodeRequest(file.text, { id, requestedAt: droppedAt });
    return decoded.isValid
      ? { kind: 'open', request: decoded.value }
      : refuse(`cannot be understood: ${decoded.problem}`);
  }

  function follow(identity: string): void {
    if (onEvent === null || watcher?.identity === identity) return;
    watcher?.watcher.close();
    const fire = onEvent;
    watcher = null;
    try {
      const opened = watch(requestsDir, { persistent: false }, () => fire());
      opened.on('error', () => opened.close());
      watcher = { identity, watcher: opened };
    } catch {
      // The kernel has no watch left: the next cycle finds requests without, seconds later.
    }
  }

  async function look(isKnown: (id: string) => boolean): Promise<SpoolLook> {
    await operations.makeDirectories(requestsDir, 0o750);
    const directory = await lstat(requestsDir, { bigint: true });
    follow(`${directory.dev}:${directory.ino}`);
    const trusted = new Set([0, process.getuid?.() ?? 0, Number(directory.uid)]);
    await answers.prune();

    const { names, hasMore } = await readNames();
    const entries = (await Promise.all(names.map(describe))).filter((entry) => entry !== null);
    const isDue = ({ name, droppedAt }: Entry) => {
      if (isPartialName(name)) return clock.now() - droppedAt > PARTIAL_AGE_MS;
      const id = requestIdOf(name);
      return id === null || !isKnown(id);
    };
    const due = entries.filter(isDue);
    const oldestFirst = due.toSorted((a, b) => a.droppedAt - b.droppedAt || (a.name < b.name ? -1 : 1));

    const result = { open: [] as OpenRequest[], malformed: [] as SpoolLook['malformed'][number][] };
    const strays: { name: string; why: string }[] = [];
    for (const entry of oldestFirst.slice(0, MAX_TAKEN)) {
      const found = await examine(entry, (uid) => trusted.has(uid));
      if (found.kind === 'open') result.open.push(found.request);
      if (found.kind === 'malformed') result.malformed.push(found.malformed);
      if (found.kind === 'stray') strays.push({ name: entry.name, why: found.why });
    }
    return { ...result, strays, hasMore: hasMore || oldestFirst.length > MAX_TAKEN };
  }

  async function answer(given: Parameters<RequestSpool['answer']>[0]): Promise<void> {
    await answers.store(given);
    const entry = await describe(requestFileName(given.id));
    if (entry === null) return;
    if (await remove(entry)) await operations.syncDirectory(requestsDir);
  }

  return {
    look: ({ isKnown }) => translate('cannot read the requests', requestsDir, () => look(isKnown)),
    answer: (given) => translate('cannot store an answer', options.answersDir, () => answer(given)),
    watch(listener) {
      onEvent = listener;
      return {
        close() {
          onEvent = null;
          watcher?.watcher.close();
          watcher = null;
        },
      };
    },
  };
}

async function translate<T>(message: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AgentError('SPOOL_FAILED', message, { fields: { path, errno }, cause: error });
  }
}
