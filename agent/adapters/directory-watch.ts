import type { FSWatcher } from 'chokidar';
import { watch } from 'chokidar';

/** Events closer together than this are one; a stream of them is told of at least every `MAX_QUIET_MS`. */
const QUIET_MS = 50;
const MAX_QUIET_MS = 500;
const DEPTH = 3;

export interface DirectoryWatch {
  /** Watches this directory from now on; `identity` changes when it was replaced by another of the same name. */
  follow(root: string, identity: string): Promise<void>;
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

  const stop = async () => {
    const open = watcher;
    watcher = null;
    followed = null;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    await open?.close();
  };

  return {
    async follow(root, identity) {
      if (listener === null || followed === identity) return;
      await stop();
      followed = identity;
      const opened = watch(root, {
        ignoreInitial: true,
        followSymlinks: false,
        depth: DEPTH,
        ignorePermissionErrors: true,
        atomic: false,
      });
      watcher = opened;
      opened.on('all', note);
      // Listings go on finding what is not seen here.
      opened.on('error', note);
      await new Promise<void>((resolve) => {
        opened.once('ready', resolve);
        opened.once('error', () => resolve());
      });
      // What changed while the watch was being set up.
      note();
    },
    onEvent(call) {
      listener = call;
    },
    async close() {
      listener = null;
      await stop();
    },
  };
}
