/** Composition of what runs beside the cycle: memory in the bucket, status copy, metrics, compliance, HTTP. */
import { hostname } from 'node:os';
import { createAccessReport } from './adapters/access-report.ts';
import { createHttpServer } from './adapters/http-server.ts';
import { createLazy, createLazyBucketMemory, createLazyRemote } from './adapters/lazy-remote.ts';
import { createMemoryPressure } from './adapters/memory-pressure.ts';
import type { S3Access } from './adapters/s3-access.ts';
import { sha256 } from './adapters/sha256.ts';
import { readUsage } from './adapters/usage.ts';
import { createAccessWatch } from './app/access/watch.ts';
import { createBaselineKeeper } from './app/baseline-keeper.ts';
import type { Beside, BesideNeeds } from './app/gateway-ports.ts';
import { createInheritance, NO_INHERITANCE } from './app/inheritance.ts';
import { createListener } from './app/listener.ts';
import { createOutbox } from './app/outbox.ts';
import { createPages } from './app/pages.ts';
import { createPressureWatch } from './app/pressure-watch.ts';
import { cloudKey, cloudReportOf } from './core/cloud-metrics.ts';
import { complianceItemsOf } from './core/compliance.ts';
import type { ConditionType } from './core/condition-types.ts';
import { staleAfterMs } from './core/health.ts';
import type { Status } from './core/status.ts';
import { statusKey } from './core/status-key.ts';
import type { Trouble } from './core/trouble.ts';
import type { Clock, Log, MemoryFile, ReleaseStore, StatusSink } from './ports.ts';
import type { Settings } from './settings.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** How long the instance id is waited for before the host name stands for it. */
const ID_GRACE_MS = 10 * SECOND;

interface Runner {
  run(signal: AbortSignal): Promise<void>;
}

export interface BesideParts extends BesideNeeds {
  readonly settings: Settings;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: ReleaseStore;
  readonly memoryFile: MemoryFile;
  readonly instanceId: () => Promise<string | null>;
  /** false: there is no metadata service, so no instance id to wait for. */
  readonly hasMetadata: boolean;
  readonly s3: S3Access;
}

export function createBeside(parts: BesideParts): Beside {
  const { settings, clock, log } = parts;
  const { location } = settings.source;
  const bucket = location.kind === 's3-layout' ? location.bucket : null;
  const base = { clock, random: Math.random, log };

  const pressure = createPressureWatch({
    memory: createMemoryPressure({
      unit: settings.analytics.supervisor === 'child' ? null : settings.analytics.unit,
    }),
    clock,
    log,
    onChange: parts.onResult,
  });
  const usage = {
    clock,
    staleMs: staleAfterMs(settings.source),
    usage: async () => ({ ...(await readUsage()), memory: pressure.latest() }),
  };
  const metrics = createLazy(async () => (await import('./adapters/metrics-page.ts')).createMetricsPage());
  const pages = createPages({ ...usage, metrics });
  const { listen } = settings.http;
  const listener =
    listen === null
      ? null
      : createListener({ ...base, server: createHttpServer({ ...listen, pages: pages.pages }) });

  const reports = createReports(parts);
  const access = createAccessWatch({ readReport: createAccessReport(), clock, onChange: parts.onResult });
  const saved = bucket === null || settings.system === null ? null : createSaved(parts, bucket);
  const troubled = [pressure, access, saved?.inheritance, saved?.keeper, saved?.copy, ...reports, listener];
  return {
    inheritance: saved?.inheritance ?? NO_INHERITANCE,
    runners: troubled.filter((runner) => runner !== null && runner !== undefined),
    sinks: [pages.sink, ...(saved === null ? [] : [saved.copy]), ...reports],
    troubles: () => troubled.flatMap((one) => one?.trouble() ?? []),
    note: (memory, hasFailed) => {
      pages.note(hasFailed);
      if (memory !== null) saved?.keeper.offer(memory);
    },
  };
}

/** What is kept in the bucket; only the original layout has a place for it. */
function createSaved(parts: BesideParts, bucket: string) {
  const { settings, clock, log, version, store } = parts;
  const system = settings.system ?? '';
  const base = { clock, random: Math.random, log, sha256, store };
  const bucketMemory = createLazyBucketMemory(async () => {
    const { createS3BucketMemory } = await import('./adapters/bucket-memory.ts');
    return createS3BucketMemory({ client: await parts.s3.client(), bucket, system });
  });
  const inheritance =
    parts.memory.proven !== null
      ? NO_INHERITANCE
      : createInheritance({
          ...base,
          bucket: bucketMemory,
          memoryFile: parts.memoryFile,
          connectors: settings.gate.connectors,
          inputs: parts.inputs,
          group: settings.source.group,
          onGroup: parts.onGroup,
          onResult: parts.onResult,
        });
  const keeper = createBaselineKeeper({
    ...base,
    bucket: bucketMemory,
    by: async () => ({ instance: await parts.instanceId(), agent: version }),
    mayWrite: inheritance.isKnown,
  });

  let name = hostname();
  const outbox = createOutbox<Status>({
    ...base,
    type: 'StatusUnsaved',
    remote: createLazyRemote(async () => {
      const { createS3StatusCopy } = await import('./adapters/bucket-status.ts');
      return createS3StatusCopy({ client: await parts.s3.client(), bucket, system, name: () => name });
    }),
    times: { gapMs: 2 * SECOND, heartbeatMs: 15 * MINUTE, retryBaseMs: 2 * SECOND, retryCapMs: 5 * MINUTE },
  });
  const startedAt = clock.now();
  let last = { quiet: '', key: '', at: 0 };
  const copy = {
    ...outbox,
    write: async (status: Status) => {
      const { id } = status.instance;
      const now = clock.now();
      if (id === null && parts.hasMetadata && now - startedAt < ID_GRACE_MS) return;
      name = id ?? hostname();
      const quiet = statusKey(status, { withQueries: false });
      if (quiet !== last.quiet || now - last.at >= MINUTE) {
        last = { quiet, key: statusKey(status, { withQueries: true }), at: now };
      }
      outbox.offer(status, last.key);
    },
  };
  return { inheritance, keeper, copy };
}

/** What goes to services that watch machines: only from a machine that has an id there. */
function createReports({ settings, clock, log, s3 }: BesideParts) {
  const base = { clock, random: Math.random, log };
  const times = {
    gapMs: 10 * SECOND,
    heartbeatMs: 15 * MINUTE,
    retryBaseMs: 30 * SECOND,
    retryCapMs: 60 * MINUTE,
  };
  const reports: (StatusSink & Runner & { trouble(): Trouble | null })[] = [];
  const add = (
    type: ConditionType,
    send: (status: Status, signal: AbortSignal) => Promise<void>,
    keyOf: (status: Status) => string,
  ) => {
    const outbox = createOutbox<Status>({ ...base, type, remote: { send }, times });
    reports.push({
      ...outbox,
      write: async (status) => {
        if (status.instance.id !== null) outbox.offer(status, keyOf(status));
      },
    });
  };

  if (settings.report.cloudwatch === 'auto') {
    const remote = createLazyRemote(async () => {
      const { createCloudWatch } = await import('./adapters/cloudwatch.ts');
      return createCloudWatch({ region: s3.region });
    });
    let restartsBefore: number | null = null;
    add(
      'MetricsUnsent',
      async (status, signal) => {
        const { memoryAvailableBytes } = await readUsage();
        await remote.send(cloudReportOf(status, { memoryAvailableBytes, restartsBefore }), signal);
        restartsBefore = status.analytics.restarts;
      },
      cloudKey,
    );
  }
  if (settings.report.compliance === 'auto') {
    const remote = createLazyRemote(async () => {
      const { createCompliance } = await import('./adapters/compliance.ts');
      return createCompliance({ region: s3.region, clock });
    });
    add(
      'ComplianceUnsent',
      (status, signal) =>
        remote.send({ instance: status.instance.id ?? '', items: complianceItemsOf(status) }, signal),
      (status) => JSON.stringify(complianceItemsOf(status)),
    );
  }
  return reports;
}
