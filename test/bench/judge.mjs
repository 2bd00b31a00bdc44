import { round } from './statistics.mjs';

/**
 * The row of a figure that has a limit: `value` is at most `limit`. `show` writes both for people. `why` says what
 * keeps it from being met, and is read only where it is not.
 */
export function judge({ what, value, limit, show = String, why }) {
  const isMet = value <= limit;
  return {
    what,
    measured: show(value),
    limit: show(limit),
    isMet,
    ...(isMet ? {} : { missedBy: describeExcess(value, limit), ...(why === undefined ? {} : { why }) }),
  };
}

const describeExcess = (value, limit) => `${round((value / limit - 1) * 100, 0)} %`;
