/** From any history, with a stop of the agent anywhere: it converges, then rests, and keeps its promises. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { candidate, MINUTE, release, SECOND } from '../../fakes/builders.ts';
import { StopHere } from '../../fakes/plan-disk.ts';
import type { Behaviour } from '../../fakes/plan-engine.ts';
import { createPlanWorld, type PlanWorld } from '../../fakes/plan-world.ts';

const catalogs = ['A', 'B', 'C'] as const;
const behaviours: readonly Behaviour[] = [
  'serves',
  'refuses',
  'exits',
  'never-serves',
  'dies-when-stable-is-near',
  'hides-a-catalog',
];

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('sync' as const),
      of: fc.constantFrom(...catalogs),
      n: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bad-sync' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(0, SECOND, 20 * SECOND, MINUTE, 20 * MINUTE),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('crash' as const, 'stop-by-hand' as const, 'drift' as const, 'reboot' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('request' as const), isNow: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const, 'retry' as const) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('stop-agent' as const),
      effect: fc.integer({ min: 1, max: 8 }),
      when: fc.constantFrom('before' as const, 'middle' as const, 'after' as const),
    }),
  },
);

/** The agent works until it is stopped; then the next one does. */
function survive(world: PlanWorld, durationMs: number) {
  for (;;) {
    try {
      world.pass(durationMs);
      return;
    } catch (error) {
      if (!(error instanceof StopHere)) throw error;
      world.stopAgentAt(null);
    }
  }
}

const seed = process.env.FC_SEED === undefined ? {} : { seed: Number(process.env.FC_SEED) };
const numRuns = process.env.TORTURE === undefined ? 1_500 : 50_000;

it('converges from any history and rests, with the last wish or the last proven release serving', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 14 }),
      fc.constantFrom(...behaviours),
      fc.constantFrom(...behaviours),
      (steps, ofB, ofC) => {
        const world = createPlanWorld({ behaviour: { A: 'serves', B: ofB, C: ofC } });
        let wished = release('A1');
        let requested = 0;
        world.offer(candidate(wished));
        for (const one of steps) {
          switch (one.do) {
            case 'sync':
              wished = release(`${one.of}${one.n}`);
              world.offer(candidate(wished));
              break;
            case 'bad-sync': {
              const issue = {
                code: 'X',
                severity: 'error',
                path: 'a',
                line: 1,
                column: 1,
                message: '',
                hint: '',
              } as const;
              world.offer(candidate(release('X9'), { release: null, issues: [issue] }));
              wished = world.memory().desired ?? wished;
              break;
            }
            case 'wait':
              survive(world, one.ms);
              break;
            case 'crash':
              world.crash();
              break;
            case 'stop-by-hand':
              world.stopByHand();
              break;
            case 'drift':
              world.change({ drift: ['catalog/shop.properties'] });
              break;
            case 'reboot':
              world.reboot();
              break;
            case 'request':
              requested += 1;
              world.request(`r${requested}`, one.isNow);
              break;
            case 'pause':
              world.pause(null);
              break;
            case 'resume':
              world.resume();
              break;
            case 'retry':
              world.retry();
              break;
            case 'stop-agent':
              world.stopAgentAt({ effect: one.effect, when: one.when });
              break;
          }
        }
        world.resume();
        survive(world, 6 * 60 * MINUTE);
        // It rests: hours later nothing moves.
        world.events.length = 0;
        survive(world, 60 * MINUTE);
        expect(world.events).toEqual([]);

        const { memory, engine, intent, live } = world;
        expect(live()).toBe(intent()?.release.digest ?? null);
        expect(intent()?.phase ?? 'published').toBe('published');
        expect(world.answers).toHaveLength(requested);
        const { desired, proven } = memory();
        const isGood = (of: string) => (world.behaviour[of] ?? 'serves') === 'serves';
        const isCondemned = memory().quarantined.some(
          ({ fingerprint, digest }) => fingerprint === desired?.fingerprint || digest === desired?.digest,
        );
        // Only exits that somebody caused in the stable time can condemn what is good.
        if (desired !== null && isGood(desired.fingerprint) && isCondemned) {
          expect(steps.some((one) => one.do === 'crash')).toBe(true);
        }
        if (desired !== null && isGood(desired.fingerprint) && !isCondemned) {
          expect(live()).toBe(desired.digest);
          expect(engine().isServing).toBe(true);
          expect(proven?.digest).toBe(desired.digest);
        } else if (proven !== null) {
          // What runs is proven, and nothing that failed is.
          expect(engine().started?.fingerprint).toBe(proven.fingerprint);
          expect(isGood(proven.fingerprint)).toBe(true);
          expect(engine().isServing).toBe(true);
        } else {
          expect(engine().state).toBe('stopped');
        }
      },
    ),
    { numRuns, ...seed },
  );
}, 600_000);
