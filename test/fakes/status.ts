import type { Condition, Status } from '../../agent/core/status.ts';

export const condition = (type: string, status: Condition['status'], message: string): Condition => ({
  type,
  status,
  reason: 'Reason',
  message,
  lastTransitionTime: '2026-01-01T11:58:31.000Z',
});

const GOOD = ['SourceReachable', 'Valid', 'Published', 'Healthy', 'Proven', 'MemorySufficient'];

/** A gateway on which all is well, seen at 12:04:31. */
export const statusDocument = (overrides: Partial<Status> = {}): Status => {
  const release = {
    digest: '9c41f0e2'.padEnd(64, '0'),
    snapshot: '77aa0000'.padEnd(64, '0'),
    at: '2026-01-01T11:58:02.000Z',
    by: 'maria',
  };
  return {
    version: 1,
    at: '2026-01-01T12:04:31.000Z',
    system: 'acme-prod',
    instance: { id: 'i-0abc', type: 't3.large', memory: 8 * 1024 ** 3, cpus: 2 },
    agent: { version: '0.1.0', pid: 812, startedAt: '2025-12-29T08:00:00.000Z' },
    source: {
      uri: 's3://acme-datomic/acme-prod/datomic/analytics/acme-prod/etc/',
      group: 'acme-prod',
      groups: ['acme-prod'],
      lastPollAt: '2026-01-01T12:04:30.000Z',
      lastSuccessAt: '2026-01-01T12:04:30.000Z',
      error: null,
    },
    desired: release,
    effective: release,
    proven: release,
    held: [],
    refused: null,
    paused: null,
    quarantined: [],
    analytics: {
      state: 'running',
      serving: true,
      queriesRunning: 2,
      pid: 2314,
      startedAt: '2025-12-29T08:04:00.000Z',
      engine: 'PrestoSQL 348',
      heap: 5.2 * 1024 ** 3,
      restarts: 0,
      lastRestart: null,
    },
    metaschemas: [],
    reason: 'nothing to do',
    conditions: GOOD.map((type) => condition(type, 'True', 'fine')),
    ...overrides,
  };
};
