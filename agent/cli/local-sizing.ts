import { findEngineIdentity } from '../adapters/engine-identity.ts';
import { countCpus } from '../adapters/machine.ts';
import { readMemoryLimit } from '../adapters/memory-limit.ts';
import type { SizingInput } from '../core/sizing.ts';
import type { LocalSettings } from '../settings.ts';

/** What the agent plans with on this machine. */
export async function readLocalSizing({ analytics }: LocalSettings): Promise<SizingInput> {
  const isChild = analytics.supervisor === 'child';
  const [totalBytes, engine] = await Promise.all([
    readMemoryLimit({ isEngineInOwnGroup: isChild }),
    findEngineIdentity({
      name: analytics.engine ?? (isChild ? 'stand-in' : null),
      home: analytics.home,
      java: analytics.java,
    }),
  ]);
  return { totalBytes, cpus: countCpus(), engine };
}
