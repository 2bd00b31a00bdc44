/** Answers that take too long: each call ends at its deadline, and what is merely slow goes live, later. */
import { describe, expect, it } from 'vitest';
import { type Fault, isGetOf, isListing, type ProxiedRequest } from '../../support/fault-proxy.ts';
import { FILES, metaschemaOf, ORDERS, startProven } from '../../support/rows.ts';
import { expectToOutlive, type Trouble } from '../../support/trouble.ts';

const BEYOND_DEADLINE_MS = 30_000;

const meeting =
  (matches: (request: ProxiedRequest) => boolean, fault: Fault): Trouble =>
  (proxy) => {
    proxy.fault(matches, fault);
    // A try takes as long as its deadline: too few to count.
    return { countTries: null, end: async () => proxy.clear() };
  };

const ROWS: readonly [title: string, trouble: Trouble, reason: string][] = [
  ['a body that stalls', meeting(isGetOf('.edn'), { kind: 'stall-body', afterBytes: 5 }), 'SourceTorn'],
  ['a listing that stalls', meeting(isListing, { kind: 'stall-body', afterBytes: 100 }), 'SourceUnreachable'],
  [
    'a first byte after the deadline',
    meeting(() => true, { kind: 'delay', ms: BEYOND_DEADLINE_MS }),
    'SourceUnreachable',
  ],
];

describe('a source that hangs', () => {
  // All at once, each with a gateway of its own: every one of them waits for deadlines of ten seconds.
  it('in a body, in a listing, before its first byte: changes nothing, says so, recovers without a restart', async () => {
    const walks = ROWS.map(([title, trouble, reason]) =>
      expectToOutlive(trouble, reason).catch((cause: unknown) => {
        throw new Error(title, { cause });
      }),
    );
    await Promise.all(walks);
  });
});

describe('a source with a slow first byte', () => {
  it('is no trouble within the deadline: the change goes live, later', async () => {
    const rig = await startProven();
    rig.proxy?.fault(isGetOf('.edn'), { kind: 'delay', ms: 1_500 });
    const snapshot = await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('purchase') });
    await rig.waitForProven(snapshot);
    expect(rig.log().filter(({ event }) => event === 'source.failed')).toEqual([]);
    expect(rig.engineStarts()).toHaveLength(1);
  });
});
