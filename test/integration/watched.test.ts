/** Being watched: what leaves the machine, and that nothing of it is ever in the way. */
import { createServer } from 'node:net';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type { Status } from '../../agent/core/status.ts';
import { createFaultProxy, type Fault } from '../support/fault-proxy.ts';
import { findFreePort } from '../support/free-port.ts';
import { startComplianceStub, startMetadataStub } from '../support/instance-stubs.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { readObject } from '../support/rig-bucket.ts';
import { CATALOG, catalogOf, FILES, findCondition, ORDERS, waitForListings } from '../support/rows.ts';

const INSTANCE = { instanceId: 'i-0abc1234', instanceType: 't3.large', region: 'eu-west-1' };
const STATUS = `acme/datomic/gateway/status/${INSTANCE.instanceId}.json`;

/** A gateway on a machine with an id, with CloudWatch (moto behind a proxy) and Systems Manager (a stub). */
async function createWatchedRig(env: Readonly<Record<string, string>> = {}) {
  const cloud = await createFaultProxy({ target: inject('motoEndpoint') });
  onTestFinished(() => cloud.close());
  const compliance = await startComplianceStub();
  const rig = await createRig({
    env: {
      AWS_EC2_METADATA_SERVICE_ENDPOINT: await startMetadataStub(INSTANCE),
      AWS_ENDPOINT_URL_CLOUDWATCH: cloud.url,
      AWS_ENDPOINT_URL_SSM: compliance.url,
      ...env,
    },
  });
  return { rig, cloud, compliance };
}

async function startProven(rig: Rig): Promise<Status> {
  const snapshot = await rig.sync(FILES);
  rig.start();
  return rig.waitForProven(snapshot);
}

const isGateway = ({ key }: { key: string }) => key.includes('/datomic/gateway/');
const isBaselineListing = ({ query }: { query: URLSearchParams }) =>
  (query.get('prefix') ?? '').includes('/gateway/');

describe('the copy of the status', () => {
  it('is the document, under the instance id, and only put when it says something else', async () => {
    const { rig } = await createWatchedRig();
    await startProven(rig);
    const isLast = async () => {
      const copy = JSON.parse((await readObject(rig, STATUS)) ?? 'null') as Status | null;
      return copy?.proven !== null && copy?.proven.digest === rig.status()?.proven?.digest;
    };
    await expect.poll(isLast, { timeout: 20_000 }).toBe(true);
    const puts = () =>
      (rig.proxy?.requests ?? []).filter(({ method, key }) => method === 'PUT' && key === STATUS).length;
    // What is still on its way may settle first.
    await waitForListings(rig, 6);
    const before = puts();
    await waitForListings(rig, 6);
    expect(puts()).toBe(before);
    // With all parts at work, each waiting for the signal of the end, Node has nothing to warn of in the journal.
    expect(rig.agent().stderr()).not.toContain('MaxListenersExceededWarning');
  });

  it('lies under the host name where there is no metadata service', async () => {
    const { rig } = await createWatchedRig({ AWS_EC2_METADATA_DISABLED: 'true' });
    await startProven(rig);
    const keys = () => (rig.proxy?.requests ?? []).filter(isGateway).map(({ key }) => key);
    await expect
      .poll(() => keys().some((key) => /\/gateway\/status\/[A-Za-z0-9._-]+\.json$/.test(key)))
      .toBe(true);
  });
});

describe('metrics and compliance', () => {
  it('tell of a healthy gateway, and of a hold', async () => {
    const { rig, compliance } = await createWatchedRig();
    await startProven(rig);
    const client = new CloudWatchClient({
      endpoint: inject('motoEndpoint'),
      region: 'eu-west-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    onTestFinished(() => client.destroy());
    const sumOf = async (MetricName: string) => {
      const { Datapoints = [] } = await client.send(
        new GetMetricStatisticsCommand({
          Namespace: 'DatomicGateway',
          MetricName,
          Dimensions: [{ Name: 'System', Value: 'acme' }],
          StartTime: new Date(Date.now() - 3_600_000),
          EndTime: new Date(Date.now() + 3_600_000),
          Period: 60,
          Statistics: ['Maximum'],
        }),
      );
      return Math.max(-1, ...Datapoints.map(({ Maximum = -1 }) => Maximum));
    };
    await expect.poll(() => sumOf('Healthy'), { timeout: 40_000 }).toBe(1);
    expect(await sumOf('MemoryAvailable')).toBeGreaterThan(1024 ** 2);
    expect(await sumOf('Restarts')).toBe(0);

    await rig.sync({ [CATALOG]: catalogOf('shop') });
    await rig.waitFor(({ held }) => held.length === 1);
    const last = () => compliance.calls.at(-1);
    await expect
      .poll(() => last()?.Items.find(({ Id }) => Id === 'hold')?.Status, { timeout: 40_000 })
      .toBe('NON_COMPLIANT');
    expect(last()).toMatchObject({
      ResourceId: INSTANCE.instanceId,
      ComplianceType: 'Custom:DatomicGateway',
      UploadType: 'COMPLETE',
    });
    expect(last()?.Items.map(({ Id }) => Id)).toEqual(['drift', 'refusal', 'hold', 'quarantine']);
    await expect.poll(() => sumOf('RefusedOrHeld'), { timeout: 40_000 }).toBe(1);
  });

  it.each([
    ['where they are off', { GATEWAY_CLOUDWATCH: 'off', GATEWAY_COMPLIANCE: 'off' }],
    ['from a machine without an id', { AWS_EC2_METADATA_DISABLED: 'true' }],
  ])('are not sent %s', async (_, env) => {
    const { rig, cloud, compliance } = await createWatchedRig(env);
    await startProven(rig);
    await waitForListings(rig, 5);
    expect([cloud.requests.length, compliance.requests()]).toEqual([0, 0]);
  });
});

describe('what is forbidden or throttled', () => {
  const rows: readonly [string, Fault, { status: number; type: string }, string][] = [
    [
      'forbidden',
      { kind: 'status', status: 403, code: 'AccessDenied' },
      { status: 400, type: 'AccessDeniedException' },
      'AwsDenied',
    ],
    [
      'throttled',
      { kind: 'status', status: 503, code: 'SlowDown' },
      { status: 400, type: 'ThrottlingException' },
      'AwsThrottled',
    ],
  ];
  it.each(rows)(
    '%s: everything else works, one condition each, and it is not asked in a hurry',
    async (_, fault, error, reason) => {
      const { rig, cloud, compliance } = await createWatchedRig();
      rig.proxy?.fault((request) => isGateway(request) || isBaselineListing(request), fault);
      cloud.fault(
        () => true,
        fault.kind === 'status' && fault.status === 503 ? { ...fault, status: 429 } : fault,
      );
      compliance.fail(error);
      await startProven(rig);
      const types = ['BaselineUnread', 'StatusUnsaved', 'MetricsUnsent', 'ComplianceUnsent'];
      const status = await rig.waitFor(
        (one) => types.every((type) => findCondition(one, type)?.reason === reason),
        100_000,
      );
      for (const type of types) {
        expect(status.conditions.filter((condition) => condition.type === type)).toHaveLength(1);
      }
      expect(cloud.requests.length).toBeLessThan(6);
      expect(compliance.requests()).toBeLessThan(6);

      const changed = await rig.sync({ ...FILES, [ORDERS]: '{:tables {:order/number {}}}\n' });
      await rig.waitForProven(changed);
      await rig.waitForProven(
        await rig.sync({ ...FILES, [CATALOG]: catalogOf('shop', 'billing') }, { allow: ['exposure'] }),
      );
    },
    150_000,
  );

  it('baselines that may be read but not written are a condition of their own', async () => {
    const { rig } = await createWatchedRig();
    rig.proxy?.fault((request) => isGateway(request) && request.method === 'PUT', {
      kind: 'status',
      status: 403,
      code: 'AccessDenied',
    });
    await startProven(rig);
    const status = await rig.waitFor((one) => findCondition(one, 'BaselineUnsaved') !== null);
    expect(findCondition(status, 'BaselineUnsaved')?.message).toContain('s3:PutObject');
    rig.proxy?.clear();
    await rig.waitFor((one) => findCondition(one, 'BaselineUnsaved') === null, 30_000);
    expect(await readObject(rig, 'acme/datomic/gateway/baseline/acme.json')).not.toBeNull();
  });
});

describe('over HTTP', () => {
  const ask = async (port: number, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: await response.text() };
  };

  it('health, readiness, metrics and status tell the truth, and readiness turns stale', async () => {
    const port = await findFreePort();
    const rig = await createRig({ env: { GATEWAY_HTTP: `127.0.0.1:${port}` } });
    rig.proxy?.fault(() => true, { kind: 'status', status: 503, code: 'SlowDown' });
    rig.start();
    await rig.waitFor(() => true);
    await expect
      .poll(() => ask(port, '/healthz').catch(() => null))
      .toEqual({ status: 200, body: 'alive\n' });
    expect(await ask(port, '/readyz')).toMatchObject({ status: 503 });

    rig.proxy?.clear();
    const snapshot = await rig.sync(FILES);
    await rig.waitForProven(snapshot);
    await expect.poll(() => ask(port, '/readyz')).toEqual({ status: 200, body: 'ready\n' });
    const { body } = await ask(port, '/metrics');
    expect(body).toMatch(/^datomic_gateway_serving 1$/m);
    expect(body).toMatch(/^datomic_gateway_cycles_total [1-9]/m);
    expect(JSON.parse((await ask(port, '/status')).body)).toMatchObject({ version: 1, proven: { snapshot } });

    rig.proxy?.fault(() => true, { kind: 'hang' });
    await expect.poll(() => ask(port, '/readyz').then(({ status }) => status), { timeout: 30_000 }).toBe(503);
    expect(await ask(port, '/healthz')).toEqual({ status: 200, body: 'alive\n' });
    expect(rig.status()?.analytics.serving).toBe(true);
  });

  it('a port that is taken is a condition, the gateway works, and it is served once the port is free', async () => {
    const port = await findFreePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const rig = await createRig({ env: { GATEWAY_HTTP: `127.0.0.1:${port}` } });
    await startProven(rig);
    const status = await rig.waitFor((one) => findCondition(one, 'HttpUnavailable') !== null);
    expect(findCondition(status, 'HttpUnavailable')?.message).toContain(`port=${port}`);
    await new Promise((resolve) => other.close(resolve));
    await rig.waitFor((one) => findCondition(one, 'HttpUnavailable') === null, 30_000);
    expect(await ask(port, '/readyz')).toMatchObject({ status: 200 });
  });
});
