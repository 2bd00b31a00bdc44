import { createLiveEtc } from '../../agent/adapters/live-etc.ts';
import { createReleaseStore } from '../../agent/adapters/release-store.ts';
import { sha256 } from '../../agent/adapters/sha256.ts';
import type { Digest } from '../../agent/core/types.ts';

/**
 * A process that publishes one release, then the other, for ever, the way the agent does: intent, live etc,
 * intent. Made to be killed. Arguments: store, live etc, two digests.
 */
const [storeDir = '', etcDir = '', ...digests] = process.argv.slice(2);
const store = createReleaseStore({ dir: storeDir, sha256 });
const etc = createLiveEtc({ dir: etcDir, sha256 });

async function publish(digest: Digest): Promise<void> {
  const release = await store.read(digest);
  if (release === null) throw new Error('the test stored no such release');
  await store.writeIntent({ digest, phase: 'publishing' });
  await etc.bring(release);
  await store.writeIntent({ digest, phase: 'published' });
}

async function publishForEver(): Promise<never> {
  for (;;) for (const digest of digests) await publish(digest as Digest);
}

process.stdout.write('ready\n');
await publishForEver();
