import { afterEach, expect, it } from 'vitest';
import { createPressureWatch } from '../../../agent/app/pressure-watch.ts';
import type { MemoryReading } from '../../../agent/core/pressure.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';

const ending: AbortController[] = [];
afterEach(() => {
  for (const controller of ending.splice(0)) controller.abort();
});

const using = (percent: number): MemoryReading => ({
  machine: null,
  group: { stall: null, workingSetBytes: percent, limitBytes: 100 },
});

it('says that memory gets short once, and once that it is not any more', async () => {
  const clock = createFakeClock();
  const log = createFakeLog();
  let now = using(50);
  let news = 0;
  const watch = createPressureWatch({
    memory: { read: async () => now },
    clock,
    log,
    onChange: () => {
      news += 1;
    },
  });
  const end = new AbortController();
  ending.push(end);
  expect(watch.latest()).toBeNull();
  void watch.run(end.signal);
  await clock.settle();
  expect([watch.trouble(), watch.latest(), news]).toEqual([null, using(50), 0]);

  now = using(98);
  await clock.advance(5_000);
  const { message } = watch.trouble() ?? {};
  now = using(99);
  await clock.advance(20_000);
  expect(watch.trouble()?.message).toBe(message);
  expect(watch.trouble()).toMatchObject({ type: 'MemoryPressure', reason: 'NearLimit' });
  expect(news).toBe(1);

  now = using(40);
  await clock.advance(20_000);
  expect([watch.trouble(), news]).toEqual([null, 2]);
  expect(log.events()).toEqual(['memory.short', 'memory.calm']);
});
