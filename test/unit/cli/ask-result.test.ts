import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundAnswer } from '../../../agent/cli/ask-result.ts';
import type { Answer } from '../../../agent/core/answer.ts';

it('an answer is at most 24,000 characters of JSON, whatever was asked and whatever was found', () => {
  const long = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30_000, size: 'max' }),
    fc.constant('\u0000'.repeat(100_000)),
  );
  fc.assert(
    fc.property(long, long, long, (by, reason, message) => {
      const answer = {
        id: 'x'.repeat(128),
        by,
        reason,
        message,
        digest: 'f'.repeat(64),
      } as unknown as Answer;
      expect(JSON.stringify(boundAnswer(answer)).length).toBeLessThan(24_000 - 1_000);
    }),
    { numRuns: 50 },
  );
});
