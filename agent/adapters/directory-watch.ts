import type { FSWatcher } from 'chokidar';
import { watch } from 'chokidar';

/** Events closer together than this are one; a stream of them is told of at least every `MAX_QUIET_MS`. */
const QUIET_MS = 50;
const MAX_QUIET_MS = 500;
const DEPTH = 3;

export interface DirectoryWatch {
  /**
   * Watches this directory from now on; `identity` changes when it was replaced by another of the same name.
   * Does not wait for the watch to be ready, but tells when it is: what changed until then may have been missed.
   */
  follow(root: string, identity: string): void;
  onEvent(listener: () => void): void;
  close(): Promise<void>;
}

/**
 * Tells when something below a directory changed. Directories are watched, not files, and no links are followed: a
 * file that is replaced by rename is still seen. What the kernel cannot watch (limits, network file systems) is
 * found by the reader's listings.
 */
export function createDirectoryWatch(): DirectoryWatch {
  let watcher: FSWatcher | null = null;
  let followed: string | null = null;
  let listener: (() => void) | null = null;
  let timer: NodeJS.Timeout | null = null;
  let firstAt = 0;
  let closing: Promise<unknown> = Promise.resolve();

  const fire = () => {
    timer = null;
    listener?.();
  };

  const note = () => {
    const now = performance.now();
    if (timer === null) firstAt = now;
    else clearTimeout(timer);
    timer = setTimeout(fire, Math.max(0, Math.min(QUIET_MS, firstAt + MAX_QUIET_MS - now)));
  };

  const stop = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    followed = null;
    if (watcher !== null) closing = Promise.all([closing, watcher.close()]);
    watcher = null;
  };

  return {
    follow(root, identity) {
      if (listener === null || followed === identity) return;
      stop();
      followed = identity;
      const opened = watch(root, {
        ignoreInitial: true,
        followSymlinks: false,
        depth: DEPTH,
        ignorePermissionErrors: true,
        atomic: false,
      });
      opened.on('all', note);
      opened.on('ready', note);
      // Listings go on finding what is not seen here.
      opened.on('error', note);
      watcher = opened;
    },
    onEvent(call) {
      listener = call;
    },
    async close() {
      listener = null;
      stop();
      await closing;
    },
  };
}
