/** Secrets of catalogs stay in catalogs: everything that leaves the agent is searched for them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { startComplianceStub, startMetadataStub } from '../support/instance-stubs.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { readObject } from '../support/rig-bucket.ts';
import { FILES, findCondition } from '../support/rows.ts';

const SECRETS = {
  password: 'pw-7Gq2xKzPlantedA',
  accessKey: 'ak-Planted8sWqB',
  secret: 'sk-Planted/+x9=C',
  url: 'url-PlantedD4',
  short: 'zq9',
} as const;

const CATALOG = [
  'connector.name=memory',
  `connection-password=${SECRETS.password}`,
  `connection-url=jdbc:postgresql://db/x?user=u&password=${SECRETS.url}`,
  `api-key=${SECRETS.short}`,
].join('\n');
const DATOMIC = [
  'connector.name=datomic',
  'datomic.databases=[shop]',
  `datomic.client.config={:server-type :peer-server :endpoint "e:1" :access-key "${SECRETS.accessKey}" :secret "${SECRETS.secret}" :validate-hostnames false}`,
].join('\n');

const GOOD = {
  ...FILES,
  'catalog/shop.properties': `${DATOMIC}\n`,
  'catalog/pg.properties': `${CATALOG}\n`,
};

/** All that a pattern of the secrets shows, wherever it is. */
const findSecrets = (text: string): readonly string[] =>
  Object.values(SECRETS).filter((secret) =>
    [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)].some((spelling) =>
      secret.length > 4
        ? text.includes(spelling)
        : new RegExp(`(?<![A-Za-z0-9])${spelling}(?![A-Za-z0-9])`).test(text),
    ),
  );

const textOfFiles = (directory: string): readonly (readonly [string, string])[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => [file, readFileSync(file, 'latin1')] as const);

async function textOfBucket(rig: Rig): Promise<readonly (readonly [string, string])[]> {
  const { Contents = [] } = await rig.s3.client.send(new ListObjectsV2Command({ Bucket: rig.bucket }));
  // The source has them by right, and the saved baseline is a copy of the source.
  const keys = Contents.flatMap(({ Key }) => Key ?? []).filter(
    (key) => !key.includes('/analytics/') && !key.includes('/gateway/baseline/'),
  );
  expect(keys.some((key) => key.includes('/gateway/status/'))).toBe(true);
  return Promise.all(keys.map(async (key) => [key, (await readObject(rig, key)) ?? ''] as const));
}

async function start() {
  const compliance = await startComplianceStub();
  const http = await findFreePort();
  const rig = await createRig({
    env: {
      AWS_EC2_METADATA_SERVICE_ENDPOINT: await startMetadataStub({
        instanceId: 'i-0abc1234',
        instanceType: 't3.large',
        region: 'eu-west-1',
      }),
      AWS_ENDPOINT_URL_SSM: compliance.url,
      GATEWAY_CLOUDWATCH: 'off',
      GATEWAY_HTTP: `127.0.0.1:${http}`,
      GATEWAY_CONNECTORS: '["datomic","memory"]',
      GATEWAY_LOG_LEVEL: 'debug',
    },
  });
  const expectNone = async () => {
    const pages = await Promise.all(
      ['/status', '/metrics', '/readyz', '/healthz'].map(async (page) => {
        const response = await fetch(`http://127.0.0.1:${http}${page}`);
        return [page, await response.text()] as const;
      }),
    );
    const texts = [
      ['the log', rig.agent().stdout() + rig.agent().stderr()] as const,
      ['compliance', JSON.stringify(compliance.calls)] as const,
      ...pages,
      ...textOfFiles(path.join(rig.root, 'run')).filter(
        ([file]) => !file.includes('/started/') && !isEngineLog(file),
      ),
      ...textOfFiles(rig.state).filter(([file]) => !file.includes('/store/releases/')),
      ...(await textOfBucket(rig)),
    ];
    for (const [where, text] of texts) expect([where, findSecrets(text)]).toEqual([where, []]);
    expect(texts.length).toBeGreaterThan(8);
  };
  return { rig, compliance, expectNone };
}

/** What the engine prints is its own, and as private as its catalogs. */
const isEngineLog = (file: string) => /engine.*\.log/.test(path.basename(file)) || file.endsWith('/output');

describe('secrets of catalogs', () => {
  it('leave neither with what is live nor with what is changed', async () => {
    const { rig, compliance, expectNone } = await start();
    const snapshot = await rig.sync(GOOD);
    rig.start();
    await rig.waitForProven(snapshot);
    await expect.poll(() => compliance.calls.length, { timeout: 30_000 }).toBeGreaterThan(0);
    await expectNone();
    const baseline = await readObject(rig, 'acme/datomic/gateway/baseline/acme.json');
    expect(baseline).not.toBeNull();
  });

  it.each([
    [
      'a line that is broken',
      { 'catalog/pg.properties': `${CATALOG}\nconnection-password ${SECRETS.password} ${SECRETS.secret}\n` },
    ],
    [
      'a client map that is broken',
      { 'catalog/shop.properties': DATOMIC.replace('validate-hostnames false}', '') },
    ],
    [
      'a key that is there twice',
      { 'catalog/pg.properties': `${CATALOG}\nconnection-password=${SECRETS.password}\n` },
    ],
    [
      'a bad escape in a secret',
      { 'catalog/pg.properties': `${CATALOG}\nother-password=\\uZZZZ${SECRETS.password}\n` },
    ],
    [
      'a vector in the place of a secret',
      { 'catalog/shop.properties': `${DATOMIC}\ndatomic.databases=[${SECRETS.accessKey}\n` },
    ],
  ])('leave not when they are refused: %s', async (_, broken) => {
    const { rig, compliance, expectNone } = await start();
    const snapshot = await rig.sync(GOOD);
    rig.start();
    await rig.waitForProven(snapshot);
    await rig.sync({ ...GOOD, ...broken });
    await rig.waitFor(({ refused }) => refused !== null);
    await expect
      .poll(() => compliance.calls.at(-1)?.Items.find(({ Id }) => Id === 'refusal')?.Status, {
        timeout: 40_000,
      })
      .toBe('NON_COMPLIANT');
    await expectNone();
  });

  it('leave not when the engine tells them in its last words', async () => {
    const { rig, expectNone } = await start();
    const snapshot = await rig.sync(GOOD);
    rig.start();
    await rig.waitForProven(snapshot);
    await rig.sync({
      ...GOOD,
      'catalog/pg.properties': `${CATALOG}\nstand-in.refuse=true\nstand-in.note=${SECRETS.password}\n`,
    });
    await rig.waitFor(({ quarantined, analytics }) => quarantined.length > 0 && analytics.serving, 60_000);
    await expectNone();
  });

  it('leave not when the backend tells them in its error', async () => {
    const { rig, expectNone } = await start();
    const catalog = `${CATALOG}\nstand-in.backend-error=login failed: ${SECRETS.password} at ${SECRETS.url}\n`;
    await rig.sync({ ...GOOD, 'catalog/pg.properties': catalog });
    rig.start();
    await rig.waitFor((status) => findCondition(status, 'BackendFailing') !== null, 40_000);
    await expectNone();
  });

  it('leave not when a catalog is held', async () => {
    const { rig, expectNone } = await start();
    const snapshot = await rig.sync(GOOD);
    rig.start();
    await rig.waitForProven(snapshot);
    await rig.sync({
      ...GOOD,
      'catalog/shop.properties': `${DATOMIC.replace('"e:1"', `"e:2/${SECRETS.url}"`)}\n`,
    });
    await rig.waitFor(({ held }) => held.length === 1);
    await expectNone();
  });
});
