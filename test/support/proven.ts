import type { Status } from '../../agent/core/status.ts';

/** What is live is serving and proven; with `snapshot`, it is that one. */
export const isProven = ({ effective, proven, analytics }: Status, snapshot?: string): boolean =>
  analytics.serving &&
  proven !== null &&
  proven.digest === effective?.digest &&
  (snapshot === undefined || proven.snapshot === snapshot);
