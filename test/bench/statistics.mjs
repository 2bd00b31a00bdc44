/** The value below which `share` of the values lie; the nearest of them, nothing is made up in between. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

export const median = (values) => percentile(values, 0.5);

export const round = (value, digits = 2) => Number(value.toFixed(digits));

/** `12.3 (11.9 to 14.0, n=9)`: median and range, so that noise can be seen. */
export const describeSpread = (values, digits = 1) =>
  `${round(median(values), digits)} (${round(Math.min(...values), digits)} to ${round(Math.max(...values), digits)}, n=${values.length})`;
