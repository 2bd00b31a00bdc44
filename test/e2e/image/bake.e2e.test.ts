import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Status } from '../../../agent/core/status.ts';
import { measureAddedBytes } from '../../support/added-bytes.ts';
import {
  type Baked,
  type BakeRig,
  createBakeRig,
  type Machine,
  NOT_SHOWN,
  type Provisioners,
} from '../../support/bake-rig.ts';
import { createBootedImage, renderUserData, STAND_IN_HOME } from '../../support/booted-image.ts';
import { startCloudFormationStub } from '../../support/cloudformation-stub.ts';
import { createFaultProxy } from '../../support/fault-proxy.ts';
import { disposeInstances } from '../../support/instance.ts';
import { startLaunchStub } from '../../support/instance-stubs.ts';
import { createBucketStore, syncFiles } from '../../support/rig-source.ts';
import { findCycloneDxFaults } from '../../support/sbom-schema.ts';
import { differingPaths, hashTree, readVaryingFiles } from '../../support/tree-hash.ts';
import { until } from '../../support/until.ts';

const CONNECTORS = { connectors: '["memory","tpch"]' };
const WITH_SHIPPER = { ...CONNECTORS, log_shipper: 'cloudwatch' };
const LOG_GROUP = '/datomic-gateway/acme';

let rig: BakeRig;
let contents: string;
let first: Machine;

beforeAll(async () => {
  console.info(`not shown here:\n${NOT_SHOWN.map((line) => `  ${line}`).join('\n')}`);
  rig = await createBakeRig();
  contents = await rig.stageRealEngine();
  first = await rig.startMachine();
});
afterAll(async () => {
  await disposeInstances();
  await rig.close();
});

/** A line for people, and for the benchmark, which runs this file. */
const report = (what: string, value: number, unit: string) =>
  console.info(`figure: ${what}: ${value.toFixed(1)} ${unit}`);

/** What takes most of a bake, where it is about something else. */
async function skipRuns(provisioners: Provisioners): Promise<void> {
  for (const name of ['train-engine', 'smoke-run']) await provisioners.replace(name, 'exit 0');
}

async function expectNothingLeft(): Promise<void> {
  expect(await rig.images()).toEqual([]);
  expect(await rig.leftMachines()).toEqual([]);
}

it('a provisioner that fails says why under its name, and leaves no image and no machine', async () => {
  const { status, output } = await rig.bake(contents, first, { vars: { connectors: '["nonesuch"]' } });
  expect(status).not.toBe(0);
  expect(output).toContain('install-engine.sh: the engine has no plugin "nonesuch"; it has: memory tpch');
  await expectNothingLeft();
});

it('a fault that validation finds leaves no image either, and every fault is named', async () => {
  const machine = await rig.startMachine();
  const { status, output } = await rig.bake(contents, machine, {
    vars: CONNECTORS,
    alter: async (provisioners) => {
      await skipRuns(provisioners);
      await provisioners.append(
        'cleanup',
        `touch /etc/ssh/ssh_host_rsa_key
        echo 'ec2-user ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/91-forgotten
        chmod o+w /opt/datomic/gateway/gatewayctl.cjs
        systemctl disable --quiet gateway-agent.service
        printf '[Service]\\nExecStart=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n' \\
          >/etc/systemd/system/forgotten.service
        systemctl enable --quiet forgotten.service`,
      );
    },
  });
  expect(status).not.toBe(0);
  for (const fault of [
    '/etc/ssh/ssh_host_rsa_key must not be in an image',
    'what ec2-user may do by sudo: expected',
    '/opt/datomic/gateway/gatewayctl.cjs can be written by others than root',
    'gateway-agent.service: expected "enabled", found "disabled"',
    'forgotten.service starts at boot, and is neither ours nor among BOOT_UNITS in distribution.sh',
    'the image has 5 faults',
  ]) {
    expect(output).toContain(`validate.sh: ${fault}`);
  }
  await expectNothingLeft();
  await machine.instance.dispose();
});

describe('a bake that works, on the machine on which one has failed before', () => {
  let baked: Baked & { readonly files: string };
  beforeAll(async () => {
    const startedAt = performance.now();
    baked = await rig.bake(contents, first, { vars: WITH_SHIPPER });
    const training = Number(/trained the engine in (\d+) s/.exec(baked.output)?.[1]);
    report('bake, without training', (performance.now() - startedAt) / 1_000 - training, 's');
    report('training', training, 's');
  });

  it('registers an image that says what it is, and ends the machine', async () => {
    expect(baked.output).toContain('validate.sh: no fault found');
    expect(baked.status).toBe(0);
    const [image, ...others] = await rig.images();
    expect([image?.Name, others]).toEqual([
      expect.stringMatching(/^datomic-gateway-[\d.]+-debian12-x86_64-\d{14}$/),
      [],
    ]);
    expect(Object.fromEntries((image?.Tags ?? []).map(({ Key, Value }) => [Key, Value]))).toMatchObject({
      'datomic-gateway:commit': 'c0ffee0c0ffee0',
      'datomic-gateway:base': 'debian12',
      'datomic-gateway:architecture': 'x86_64',
      'datomic-gateway:deprecate-after': expect.stringMatching(/^\d{4}-/),
    });
    expect(await rig.leftMachines()).toEqual([]);
  });

  it('leaves manifest, versions and SBOM for the pipeline', async () => {
    const read = async (name: string) => JSON.parse(await readFile(path.join(baked.files, name), 'utf8'));
    const [image] = await rig.images();
    expect((await read('manifest.json')).builds).toMatchObject([
      {
        artifact_id: `eu-west-1:${image?.ImageId}`,
        custom_data: { base: 'debian12', commit: 'c0ffee0c0ffee0' },
      },
    ]);
    const { stdout } = await promisify(execFile)('node', ['packer/stack-command.mjs', baked.files]);
    expect(stdout).toContain(`ImageX86=${image?.ImageId} `);
    expect(await read('version-info.json')).toMatchObject({
      commit: 'c0ffee0c0ffee0',
      node: expect.stringMatching(/^24\./),
      java: expect.stringMatching(/^17\./),
      engine: { name: 'presto', version: '350', plugins: ['memory', 'tpch'] },
      systemd: '252',
    });
    const sbom = await read('sbom.cdx.json');
    expect(await findCycloneDxFaults(path.join(baked.files, 'sbom.cdx.json'))).toEqual([]);
    // One that the schema must refuse, so that the line above says something.
    const broken = path.join(baked.files, 'broken.cdx.json');
    await writeFile(broken, JSON.stringify({ ...sbom, components: [{ type: 'nonesuch', name: 'x' }] }));
    expect(await findCycloneDxFaults(broken)).toEqual([expect.stringContaining('nonesuch')]);
    const purls = sbom.components.map(({ purl }: { purl: string }) => purl).join('\n');
    for (const purl of [/^pkg:npm\/pino@/m, /^pkg:deb\/debian\/systemd@252/m, /^pkg:generic\/presto@350$/m]) {
      expect(purls).toMatch(purl);
    }
  });

  it('is the same again, but for the files that are declared to differ', async () => {
    const second = await rig.startMachine();
    // Without training and smoke run: then it also shows that those leave nothing but the archive behind.
    const again = await rig.bake(contents, second, { vars: WITH_SHIPPER, alter: skipRuns });
    expect(again.output).toContain('validate.sh: no fault found');
    for (const { instance } of [first, second]) await instance.powerOff();
    const one = await hashTree(path.join(first.instance.dir, 'changes'));
    const other = await hashTree(path.join(second.instance.dir, 'changes'));
    const [declared, differing] = [await readVaryingFiles(), differingPaths(one, other)];
    console.info(`two images differ in ${differing.length} paths, all declared: ${differing.join(' ')}`);
    expect(differing.filter((file) => !declared.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(one.get('/opt/datomic/gateway/gatewayctl.cjs')).toMatch(/^f 755 0:0/);
    await second.instance.dispose();
  });

  it('holds at most 160 MB besides engine, Java and SSM agent', async () => {
    const bytes = await measureAddedBytes(first.instance);
    report('content without engine, Java and SSM agent', bytes / 1e6, 'MB');
    expect(bytes).toBeLessThan(160e6);
    // Node alone is more; a sum of less has not found what it is about.
    expect(bytes).toBeGreaterThan(100e6);
  });
});

describe('the image, started as EC2 would start it', () => {
  const BUCKET = 'image-bucket';
  const condition = (status: Status, type: string) => status.conditions.find((each) => each.type === type);

  it('is READY without S3 and metadata, is set up by user data that comes late, and serves with the real engine', async () => {
    const { instance } = first;
    const image = createBootedImage(instance);
    const [launch, stack] = [await startLaunchStub(), await startCloudFormationStub(200, '')];
    const proxy = await createFaultProxy({ target: rig.moto.endpoint });
    onTestFinished(() => proxy.close());
    await proxy.refuse();
    const s3 = createBucketStore({ endpoint: rig.moto.endpoint, bucket: BUCKET, system: 'acme' });
    await s3.create();
    await image.connect({
      AWS_ENDPOINT_URL_S3: proxy.url,
      AWS_ENDPOINT_URL_CLOUDFORMATION: stack.url,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: launch.url,
    });
    await instance.boot();

    const alone = await image.waitFor(() => true);
    expect((await instance.show('gateway-agent.service', 'ActiveState')).ActiveState).toBe('active');
    expect(condition(alone, 'Healthy')?.reason).toBe('NoConfiguration');
    expect(alone.system).toBeNull();
    const shipper = () => instance.show('amazon-cloudwatch-agent.service', 'ActiveState', 'MemoryMax');
    expect(await shipper()).toMatchObject({ ActiveState: 'inactive' });
    report('start of the unit to READY', (await image.readyMs()) / 1_000, 's');

    const userData = JSON.parse(
      await renderUserData({
        System: 'acme',
        'AWS::Region': 'eu-west-1',
        'AWS::StackId': 'arn:aws:cloudformation:eu-west-1:123456789012:stack/gateway/1',
        Bucket: BUCKET,
        Group: 'auto',
        LogGroupName: LOG_GROUP,
      }),
    );
    // The engine at hand has no Datomic connector.
    Object.assign(userData.settings, { 'gate.connectors': ['tpch'], 'restart.stable': '1s' });
    launch.answer({ userData: JSON.stringify(userData), isThere: true });
    const away = await image.waitFor(({ system }) => system === 'acme');
    expect(condition(away, 'SourceReachable')?.status).not.toBe('True');
    expect(await shipper()).toEqual({ ActiveState: 'active', MemoryMax: String(256 * 2 ** 20) });
    const told = async () => await instance.journal('amazon-cloudwatch-agent');
    await until(async () => (await told()).includes(`"log_group_name": "${LOG_GROUP}"`), {
      timeoutMs: 10_000,
      describe: () => 'the CloudWatch agent to be told its log group',
    });
    await until(() => stack.bodies.length > 0, {
      timeoutMs: 60_000,
      describe: () => 'a signal to the stack',
    });
    expect(Object.fromEntries(stack.bodies[0] ?? [])).toMatchObject({
      StackName: userData.signal.stack,
      LogicalResourceId: 'BastionAutoScalingGroup',
      UniqueId: 'i-0abc',
      Status: 'SUCCESS',
    });

    await syncFiles(s3, 'acme', { 'catalog/sample.properties': 'connector.name=tpch\n' }, {});
    await proxy.accept();
    const served = await image.waitFor(({ analytics, proven }) => analytics.serving && proven !== null);
    expect(served.analytics.engine).toBe('PrestoSQL 350');
    expect(condition(served, 'Healthy')?.status).toBe('True');
  });

  it('serves with the stand-in engine after another start', async () => {
    const { instance } = first;
    const image = createBootedImage(instance);
    const settings = JSON.parse((await instance.read('/etc/datomic-gateway/agent.json')) ?? '');
    await instance.powerOff();
    await image.installStandIn();
    Object.assign(settings, {
      'source.uri': 'file:///etc/datomic-gateway/source',
      source: undefined,
      'source.settle': '1s',
      'analytics.engine': 'stand-in',
      'analytics.command': ['/opt/datomic/gateway/bin/node', `${STAND_IN_HOME}/engine.mjs`],
    });
    await instance.write('/etc/datomic-gateway/agent.json', JSON.stringify(settings));
    await instance.write('/etc/datomic-gateway/source/catalog/sample.properties', 'connector.name=tpch\n');
    await instance.boot();
    const served = await image.waitFor(({ analytics, proven }) => analytics.serving && proven !== null);
    expect(condition(served, 'Healthy')?.status).toBe('True');
    expect(served.analytics.engine).toContain('stand-in');
  });
});
