/** What happens to a gateway, as plain data: drawn at random, shrunk, and printed one line each. */
import fc from 'fast-check';
import { MINUTE, SECOND } from '../../../fakes/builders.ts';
import type { Behaviour } from '../../../fakes/plan-engine.ts';

export const BEHAVIOURS = [
  'serves',
  'refuses',
  'exits',
  'never-serves',
  'dies-when-stable-is-near',
  'hides-a-catalog',
] as const satisfies readonly Behaviour[];

const CATALOGS = ['A', 'B', 'C', 'D'] as const;

const integer = (min: number, max: number) => fc.integer({ min, max });
const flag = fc.boolean();
const only = <T extends string>(name: T) => fc.record({ do: fc.constant(name) });
const hold = fc.constantFrom('deletion' as const, 'exposure' as const);

/** Each with its weight. */
const OPERATIONS = [
  [6, fc.record({ do: fc.constant('sync-metaschema' as const), to: integer(1, 3) })],
  [6, fc.record({ do: fc.constant('sync-catalog' as const), to: fc.constantFrom(...CATALOGS) })],
  [2, only('sync-same' as const)],
  [2, only('sync-broken' as const)],
  [2, fc.record({ do: fc.constant('lose-metaschemas' as const), isAllowed: flag })],
  [2, fc.record({ do: fc.constant('show-all' as const), isAllowed: flag })],
  [1, only('show-list' as const)],
  [1, only('move-group' as const)],
  [2, fc.record({ do: fc.constant('burst' as const), count: integer(2, 6) })],
  [2, fc.record({ do: fc.constant('allow' as const), hold, isOfOther: flag })],
  [
    2,
    fc.record({
      do: fc.constant('source' as const),
      is: fc.constantFrom('away' as const, 'pending' as const, 'back' as const),
    }),
  ],
  [
    7,
    fc.record({
      do: fc.constant('stop-agent' as const),
      effect: integer(1, 12),
      when: fc.constantFrom('before' as const, 'middle' as const, 'after' as const),
    }),
  ],
  [1, fc.record({ do: fc.constant('agent-away' as const), ms: fc.constantFrom(5 * SECOND, 4 * MINUTE) })],
  [
    3,
    fc.record({
      do: fc.constant('kill' as const),
      how: fc.constantFrom('crash' as const, 'kernel-oom' as const, 'jvm-oom' as const),
    }),
  ],
  [3, only('kill-agent' as const)],
  [1, only('stop-engine' as const)],
  [4, fc.record({ do: fc.constant('restart' as const), isNow: flag, isSameId: flag })],
  [1, only('poll' as const)],
  [2, only('retry' as const)],
  [
    2,
    fc.record({ do: fc.constant('pause' as const), forMs: fc.constantFrom(null, 10 * SECOND, 20 * MINUTE) }),
  ],
  [3, only('resume' as const)],
  [
    1,
    fc.record({
      do: fc.constant('set-clock' as const),
      byMs: fc.constantFrom(-60 * MINUTE, -2 * MINUTE, 2 * MINUTE, 60 * MINUTE),
    }),
  ],
  [1, only('reboot' as const)],
  [1, only('edit-by-hand' as const)],
  [1, fc.record({ do: fc.constant('memory' as const), isSufficient: flag })],
  [
    2,
    fc.record({
      do: fc.constant('engine' as const),
      of: fc.constantFrom(...CATALOGS),
      does: fc.constantFrom(...BEHAVIOURS),
    }),
  ],
  [
    9,
    fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(SECOND, 9 * SECOND, 20 * SECOND, MINUTE, 4 * MINUTE, 20 * MINUTE),
    }),
  ],
  [1, only('rest' as const)],
] as const;

type Drawn = (typeof OPERATIONS)[number][1];
export type Operation = Drawn extends infer A ? (A extends fc.Arbitrary<infer T> ? T : never) : never;

export const operation = fc.oneof(
  ...OPERATIONS.map(([weight, arbitrary]) => ({ weight, arbitrary: arbitrary as fc.Arbitrary<Operation> })),
);

/** `sync-catalog to=B`. */
export function printOperation({ do: name, ...rest }: Operation): string {
  const words = Object.entries(rest).map(([key, value]) => `${key}=${value}`);
  return [name, ...words].join(' ');
}
