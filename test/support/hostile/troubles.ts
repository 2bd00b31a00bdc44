import type { Random } from './random.ts';
import type { Place, Trouble } from './schedule.ts';

/** The troubles that go on now. */
export interface Troubles {
  begin(trouble: Trouble): void;
  /** The one that this call meets, if any. */
  meet(place: Exclude<Place, 'all'>): Trouble | null;
  /** Listings may have been older than the objects. */
  wasStale(): boolean;
  /** All is well from now on. */
  end(): void;
}

export function createTroubles(random: Random, now: () => number): Troubles {
  let wasStale = false;
  let open: { readonly trouble: Trouble; readonly until: number }[] = [];
  return {
    wasStale: () => wasStale,
    begin(trouble) {
      wasStale ||= trouble.kind === 'stale';
      open.push({ trouble, until: now() + trouble.forMs });
    },
    meet(place) {
      open = open.filter(({ until }) => now() < until);
      const met = open.find(
        ({ trouble }) => (trouble.on === 'all' || trouble.on === place) && random.chance(trouble.rate),
      );
      return met?.trouble ?? null;
    },
    end() {
      open = [];
    },
  };
}
