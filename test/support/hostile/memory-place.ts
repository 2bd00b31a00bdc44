import { createTroubledSource } from './troubled-source.ts';
import type { Place, PlaceParts } from './world-run.ts';

/** The source in the memory of the world. */
export async function createMemoryPlace(parts: PlaceParts): Promise<Place> {
  const { world, troubles, staleMs, hurry } = parts;
  const inner = world.source;
  // Time stands still while the world waits for a call of a port: nothing is slow here.
  const sleep = async () => undefined;
  const source = createTroubledSource({ inner, troubles, now: world.clock.now, staleMs, sleep, hurry });
  return {
    source,
    put: async (group, path, text) => {
      inner.put(group, path, text);
      await source.remember();
    },
    remove: async (group, path) => {
      inner.remove(group, path);
      await source.remember();
    },
    close: async () => undefined,
  };
}
