import { expect, it } from 'vitest';
import { createAccessWatch } from '../../../../agent/app/access/watch.ts';
import { printReport } from '../../../../agent/core/access/report.ts';
import { createFakeClock } from '../../../fakes/fake-clock.ts';

it('what is wrong with client access is a condition, until it is right again or nobody looks any more', async () => {
  const clock = createFakeClock();
  let text: string | null = null;
  let changes = 0;
  const watch = createAccessWatch({
    readReport: async () => text,
    clock,
    onChange: () => {
      changes += 1;
    },
  });
  const stop = new AbortController();
  const running = watch.run(stop.signal);
  await clock.advance(60_000);
  expect(watch.trouble()).toBeNull();

  const problems = [
    { reason: 'KeysAbsent', message: 'no key' },
    { reason: 'AdminKeyUnknown', message: 'no answer' },
  ];
  text = printReport(problems, clock.now());
  await clock.advance(60_000);
  expect(watch.trouble()).toEqual({
    type: 'ClientAccess',
    reason: 'KeysAbsent',
    message: 'no key; no answer',
  });

  text = printReport([], clock.now());
  await clock.advance(60_000);
  expect(watch.trouble()).toBeNull();
  await clock.advance(11 * 60_000);
  expect(watch.trouble()?.reason).toBe('NotFollowed');

  text = '{"version":1,"at":"yesterday"}';
  await clock.advance(60_000);
  expect(watch.trouble()?.reason).toBe('ReportUnreadable');
  expect(changes).toBe(4);
  stop.abort();
  await running;
});
