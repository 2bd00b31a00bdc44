import { round } from './statistics.mjs';

/**
 * The row of a figure that has a limit: `value` is at most `limit`. `show` writes both for people. Why it is missed
 * stands in reasons.mjs.
 */
export function judge({ what, value, limit, show = String }) {
  const isMet = value <= limit;
  return {
    what,
    measured: show(value),
    limit: show(limit),
    isMet,
    ...(isMet ? {} : { missedBy: describeExcess(value, limit) }),
  };
}

const describeExcess = (value, limit) => `${round((value / limit - 1) * 100, 0)} %`;
