/** Every metric of `/metrics`, once. README lists them; a test compares. */
import { parseInstant } from './instant.ts';
import type { MemoryReading } from './pressure.ts';
import type { Status } from './status.ts';

export interface MetricEntry {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly labels: readonly string[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What the agent knows beside its status. */
export interface Vitals {
  readonly progressAt: number;
  readonly isReady: boolean;
  readonly cycles: number;
  readonly failedCycles: number;
  readonly memoryAvailableBytes: number;
  /** Null before the first look. */
  readonly memory: MemoryReading | null;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

interface Row extends MetricEntry {
  readonly samplesOf: (status: Status, vitals: Vitals) => readonly Sample[];
}

const flag = (value: boolean): number => (value ? 1 : 0);
const seconds = (ms: number): number => ms / 1_000;

const row = (
  name: string,
  type: MetricEntry['type'],
  help: string,
  read: (status: Status, vitals: Vitals) => number | null,
): Row => ({
  name: `datomic_gateway_${name}`,
  type,
  help,
  labels: [],
  samplesOf: (status, vitals) => {
    const value = read(status, vitals);
    return value === null ? [] : [{ labels: {}, value }];
  },
});

const rowOf = (name: string, labels: readonly string[], help: string, samplesOf: Row['samplesOf']): Row => ({
  name: `datomic_gateway_${name}`,
  type: 'gauge',
  help,
  labels,
  samplesOf,
});

const instant = (text: string | null): number | null => {
  const at = text === null ? null : parseInstant(text);
  return at === null ? null : seconds(at);
};

const METRICS: readonly Row[] = [
  rowOf('info', ['version', 'engine'], 'always 1; names the agent and the engine', ({ agent, analytics }) => [
    { labels: { version: agent.version, engine: analytics.engine ?? '' }, value: 1 },
  ]),
  row(
    'serving',
    'gauge',
    '1 while the analytics process answers a query that reads a table',
    ({ analytics }) => flag(analytics.serving),
  ),
  row('ready', 'gauge', '1 while it is serving and looks at the source succeed', (_status, { isReady }) =>
    flag(isReady),
  ),
  row('proven', 'gauge', '1 while the desired release is the proven one', ({ desired, proven }) =>
    flag(desired !== null && desired.digest === proven?.digest),
  ),
  row('refused', 'gauge', '1 while the newest snapshot did not pass the gate', ({ refused }) =>
    flag(refused !== null),
  ),
  row('held', 'gauge', 'holds that wait for a person', ({ held }) => held.length),
  row(
    'quarantined',
    'gauge',
    'configurations that failed to become proven',
    ({ quarantined }) => quarantined.length,
  ),
  row('paused', 'gauge', '1 while a person has paused it', ({ paused }) => flag(paused !== null)),
  rowOf('condition', ['type', 'reason'], 'conditions: 1 True, 0 False, -1 Unknown', ({ conditions }) => {
    const value = { True: 1, False: 0, Unknown: -1 } as const;
    const seen = new Set<string>();
    return conditions.flatMap(({ type, reason, status }) => {
      // Two holds or two quarantines are one series.
      const key = `${type} ${reason}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ labels: { type, reason }, value: value[status] }];
    });
  }),
  row(
    'restarts_total',
    'counter',
    'runs of the analytics process after the first',
    ({ analytics }) => analytics.restarts,
  ),
  row(
    'queries_running',
    'gauge',
    'queries that run or are queued',
    ({ analytics }) => analytics.queriesRunning,
  ),
  rowOf(
    'last_restart_seconds',
    ['phase'],
    'how long the last restart took, by phase: drain, stop, start',
    ({ analytics: { lastRestart } }) => {
      if (lastRestart === null) return [];
      const { drainMs, stopMs, startMs } = lastRestart;
      return Object.entries({ drain: drainMs, stop: stopMs, start: startMs }).flatMap(([phase, ms]) =>
        ms === null ? [] : [{ labels: { phase }, value: seconds(ms) }],
      );
    },
  ),
  row('source_last_success_timestamp_seconds', 'gauge', 'when the source was last read', ({ source }) =>
    instant(source.lastSuccessAt),
  ),
  row('last_cycle_timestamp_seconds', 'gauge', 'when the last cycle ended', (_status, { progressAt }) =>
    seconds(progressAt),
  ),
  row('cycles_total', 'counter', 'cycles of this agent', (_status, { cycles }) => cycles),
  row(
    'failed_cycles_total',
    'counter',
    'cycles in which a step could not be done',
    (_status, vitals) => vitals.failedCycles,
  ),
  row(
    'memory_total_bytes',
    'gauge',
    'memory of the machine or its control group',
    ({ instance }) => instance.memory,
  ),
  row(
    'memory_available_bytes',
    'gauge',
    'memory that can still be had',
    (_status, vitals) => vitals.memoryAvailableBytes,
  ),
  rowOf(
    'memory_pressure_ratio',
    ['scope', 'kind'],
    'share of the last ten seconds in which some, or all, tasks waited for memory; scope: machine, analytics',
    (_status, { memory }) =>
      Object.entries({ machine: memory?.machine?.stall, analytics: memory?.group?.stall }).flatMap(
        ([scope, stall]) =>
          stall === null || stall === undefined
            ? []
            : [
                { labels: { scope, kind: 'some' }, value: stall.some10 / 100 },
                { labels: { scope, kind: 'full' }, value: stall.full10 / 100 },
              ],
      ),
  ),
  row(
    'analytics_memory_bytes',
    'gauge',
    'memory of the analytics process that cannot be given back at once',
    (_status, { memory }) => memory?.group?.workingSetBytes ?? null,
  ),
  row(
    'analytics_memory_limit_bytes',
    'gauge',
    'memory at which the kernel ends the analytics process',
    (_status, { memory }) => memory?.group?.limitBytes ?? null,
  ),
  row('heap_bytes', 'gauge', 'heap that the analytics process is given', ({ analytics }) => analytics.heap),
  row(
    'agent_resident_bytes',
    'gauge',
    'resident memory of the agent',
    (_status, { residentBytes }) => residentBytes,
  ),
  row(
    'agent_cpu_seconds_total',
    'counter',
    'processor time of the agent',
    (_status, { cpuSeconds }) => cpuSeconds,
  ),
  row('agent_start_timestamp_seconds', 'gauge', 'when the agent began', ({ agent }) =>
    instant(agent.startedAt),
  ),
];

export const METRICS_TABLE: readonly MetricEntry[] = METRICS;

/** The samples of every metric. Without a status there is nothing to say yet. */
export function sampleMetrics(
  status: Status | null,
  vitals: Vitals,
): readonly (MetricEntry & { readonly samples: readonly Sample[] })[] {
  return METRICS.map(({ samplesOf, ...entry }) => ({
    ...entry,
    samples: status === null ? [] : samplesOf(status, vitals),
  }));
}
