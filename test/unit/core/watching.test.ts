import { describe, expect, it } from 'vitest';
import { createMetricsPage } from '../../../agent/adapters/metrics-page.ts';
import { cloudKey, cloudReportOf } from '../../../agent/core/cloud-metrics.ts';
import { complianceItemsOf } from '../../../agent/core/compliance.ts';
import { judgeLiveness, judgeReadiness, STALLED_AFTER_MS, staleAfterMs } from '../../../agent/core/health.ts';
import type { Status } from '../../../agent/core/status.ts';
import { statusKey } from '../../../agent/core/status-key.ts';
import { condition, statusDocument } from '../../fakes/status.ts';

const NOW = Date.parse('2026-01-01T12:04:31Z');
const hold: Status['held'][number] = {
  kind: 'deletion',
  snapshot: 's',
  paths: ['datomic/a.edn'],
  reason: 'gone',
  at: '2026-01-01T12:00:00.000Z',
};
const refused: Status['refused'] = {
  snapshot: 's',
  reason: '1 error',
  issues: [
    {
      code: 'EDN_UNBALANCED',
      severity: 'error',
      path: 'datomic/a.edn',
      line: 3,
      column: 1,
      message: 'quotes "everything"',
      hint: '',
    },
  ],
  at: '2026-01-01T12:00:00.000Z',
  by: 'ci',
};
const quarantine: Status['quarantined'][number] = {
  fingerprint: 'f',
  digest: 'd'.repeat(64),
  reason: 'ended twice',
  log: ['the last words'],
  at: '2026-01-01T12:00:00.000Z',
  retryAt: null,
};

describe('liveness', () => {
  it.each([
    ['just now', 0, true],
    ['at the limit', STALLED_AFTER_MS, true],
    ['past it', STALLED_AFTER_MS + 1, false],
    ['in a future that a clock invented', -60_000, true],
  ])('of a loop that made progress %s', (_, ageMs, isGood) => {
    expect(judgeLiveness(NOW - ageMs, NOW).isGood).toBe(isGood);
  });
});

describe('readiness', () => {
  const staleMs = staleAfterMs({ pollIntervalMs: 2_000, listIntervalMs: 30_000 });
  const analytics = statusDocument().analytics;
  const source = statusDocument().source;
  const rows: readonly [string, Status | null, number, string][] = [
    ['nothing known yet', null, 0, 'not ready: no cycle is complete yet'],
    ['serving, and read a second ago', statusDocument(), 0, 'ready'],
    ['read at the limit', statusDocument(), staleMs - 1_000, 'ready'],
    ['read too long ago', statusDocument(), staleMs, 'not ready: the source was last read 41 s ago'],
    [
      'running, but not serving',
      statusDocument({ analytics: { ...analytics, serving: false } }),
      0,
      'not ready: the analytics process is running, but not serving',
    ],
    [
      'stopped',
      statusDocument({ analytics: { ...analytics, serving: false, state: 'stopped' } }),
      0,
      'not ready: the analytics process is stopped',
    ],
    [
      'never read',
      statusDocument({ source: { ...source, lastSuccessAt: null } }),
      0,
      'not ready: the source has not been read yet',
    ],
  ];
  it.each(rows)('%s', (_, status, laterMs, message) => {
    expect(judgeReadiness(status, NOW + laterMs, staleMs)).toEqual({ isGood: message === 'ready', message });
  });
});

describe('the key of a status', () => {
  const status = statusDocument();
  const later: Status = {
    ...status,
    at: '2027-01-01T00:00:00.000Z',
    source: { ...status.source, lastPollAt: '2027-01-01T00:00:00.000Z', lastSuccessAt: null },
    conditions: status.conditions.map((one) => ({ ...one, lastTransitionTime: '2027-01-01T00:00:00.000Z' })),
  };
  it('is equal where only time stamps differ', () => {
    const source = { ...later.source, lastSuccessAt: '2027-01-01T00:00:00.000Z' };
    for (const withQueries of [true, false])
      expect(statusKey({ ...later, source }, { withQueries })).toBe(statusKey(status, { withQueries }));
  });

  it.each<[string, Partial<Status>]>([
    ['a time stamp that appears or goes', { source: later.source }],
    ['a hold', { held: [hold] }],
    ['the reason', { reason: 'paused' }],
  ])('differs with %s', (_, change) => {
    expect(statusKey({ ...status, ...change }, { withQueries: false })).not.toBe(
      statusKey(status, { withQueries: false }),
    );
  });

  it('differs with the queries that run only when asked', () => {
    const busy = { ...status, analytics: { ...status.analytics, queriesRunning: 9 } };
    expect(statusKey(busy, { withQueries: false })).toBe(statusKey(status, { withQueries: false }));
    expect(statusKey(busy, { withQueries: true })).not.toBe(statusKey(status, { withQueries: true }));
  });
});

describe('metrics for CloudWatch', () => {
  const valuesOf = (status: Status, restartsBefore: number | null) =>
    Object.fromEntries(
      cloudReportOf(status, { memoryAvailableBytes: 7, restartsBefore }).metrics.map(({ name, value }) => [
        name,
        value,
      ]),
    );
  const withRestarts = (restarts: number) =>
    statusDocument({ analytics: { ...statusDocument().analytics, restarts } });

  it('of a gateway on which all is well', () => {
    expect(valuesOf(statusDocument(), 0)).toEqual({
      Healthy: 1,
      Proven: 1,
      RefusedOrHeld: 0,
      Restarts: 0,
      MemoryAvailable: 7,
    });
  });

  it.each([
    ['since they were last sent', 9, 7, 2],
    ['none in the first of a life', 9, null, 0],
    ['all of a new state', 2, 7, 2],
  ])('count restarts: %s', (_, restarts, before, count) => {
    expect(valuesOf(withRestarts(restarts), before).Restarts).toBe(count);
  });

  it.each<[string, Partial<Status>, boolean]>([
    ['a hold', { held: [hold] }, true],
    ['a refusal', { refused }, true],
    ['health', { conditions: [condition('Healthy', 'False', 'x')] }, true],
    ['only what is waited for', { reason: 'waiting' }, false],
  ])('are sent at once or not: %s', (_, change, isNews) => {
    expect(cloudKey(statusDocument(change)) !== cloudKey(statusDocument())).toBe(isNews);
  });
});

describe('compliance items', () => {
  const of = (status: Partial<Status>) =>
    Object.fromEntries(complianceItemsOf(statusDocument(status)).map((item) => [item.id, item]));

  it('are four, and all compliant when all is well', () => {
    const items = complianceItemsOf(statusDocument());
    expect(items.map(({ id, isCompliant }) => [id, isCompliant])).toEqual([
      ['drift', true],
      ['refusal', true],
      ['hold', true],
      ['quarantine', true],
    ]);
  });

  it('say which, and nothing of what a finding quotes', () => {
    const items = of({ refused, held: [hold], quarantined: [quarantine] });
    expect(items.refusal).toMatchObject({
      isCompliant: false,
      details: { by: 'ci', issues: 'EDN_UNBALANCED datomic/a.edn:3' },
    });
    expect(items.hold?.details).toEqual({ kinds: 'deletion', paths: 'datomic/a.edn' });
    expect(items.quarantine).toMatchObject({ severity: 'HIGH', details: { digests: 'dddddddd' } });
    expect(JSON.stringify(items)).not.toContain('everything');
    expect(JSON.stringify(items)).not.toContain('last words');
  });

  it.each([
    ['repaired', { ...condition('DriftRepaired', 'True', 'put right: datomic/a.edn') }],
    ['standing', { ...condition('Published', 'False', 'changed by hand'), reason: 'Drift' }],
  ])('name drift that is %s', (_, found) => {
    expect(of({ conditions: [found] }).drift).toMatchObject({ isCompliant: false });
  });

  it('stay within what the service takes', () => {
    const paths = Array.from({ length: 5_000 }, (_, index) => `datomic/${'x'.repeat(190)}${index}.edn`);
    const items = complianceItemsOf(statusDocument({ held: [{ ...hold, paths }] }));
    for (const { details } of items)
      for (const value of Object.values(details)) expect(value.length).toBeLessThanOrEqual(4_096);
  });
});

describe('the metrics page', () => {
  const VITALS = {
    progressAt: NOW,
    isReady: true,
    cycles: 3,
    failedCycles: 1,
    memoryAvailableBytes: 5,
    memory: null,
    residentBytes: 6,
    cpuSeconds: 7.5,
  };

  it('shows what is, and forgets what was', async () => {
    const page = createMetricsPage();
    const before = await page.render(
      statusDocument({ held: [hold, hold], conditions: [condition('Paused', 'True', 'x')] }),
      VITALS,
    );
    expect(before).toMatch(/^datomic_gateway_held 2$/m);
    expect(before).toContain('datomic_gateway_condition{type="Paused",reason="Reason"} 1');
    const after = await page.render(statusDocument(), { ...VITALS, cycles: 2 });
    expect(after).toMatch(/^datomic_gateway_held 0$/m);
    expect(after).toMatch(/^datomic_gateway_cycles_total 2$/m);
    expect(after).not.toContain('Paused');
  });

  it('shows each condition once, whatever the number of holds', async () => {
    const twice = [condition('Quarantined', 'True', 'a'), condition('Quarantined', 'True', 'b')];
    const text = await createMetricsPage().render(statusDocument({ conditions: twice }), VITALS);
    expect(text.match(/Quarantined/g)).toHaveLength(1);
  });

  it('before the first status shows names and no values', async () => {
    const text = await createMetricsPage().render(null, VITALS);
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });

  it('takes a label that would break the format', async () => {
    const analytics = { ...statusDocument().analytics, engine: 'a"b\\c\nd' };
    const text = await createMetricsPage().render(statusDocument({ analytics }), VITALS);
    expect(text).toContain('engine="a\\"b\\\\c\\nd"');
  });
});
