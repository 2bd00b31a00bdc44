import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureAddedBytes } from '../../support/added-bytes.ts';
import {
  type Baked,
  type BakeRig,
  createBakeRig,
  type Machine,
  NOT_SHOWN,
  type Provisioners,
} from '../../support/bake-rig.ts';
import { prepareParts } from '../../support/image-parts.ts';
import { disposeInstances } from '../../support/instance.ts';
import { report } from '../../support/report-figure.ts';
import { findCycloneDxFaults } from '../../support/sbom-schema.ts';
import { differingPaths, hashTree, readVaryingFiles } from '../../support/tree-hash.ts';
import { testBoot } from './boot-rows.ts';

const run = promisify(execFile);

const CONNECTORS = { connectors: '["memory","tpch"]' };
const WITH_SHIPPER = { ...CONNECTORS, log_shipper: 'cloudwatch' };

let rig: BakeRig;
let parts: Record<string, string>;
let first: Machine;

beforeAll(async () => {
  console.info(`not shown here:\n${NOT_SHOWN.map((line) => `  ${line}`).join('\n')}`);
  rig = await createBakeRig();
  parts = await prepareParts(rig.dir);
  first = await rig.startMachine();
});
afterAll(async () => {
  await disposeInstances();
  await rig.close();
});

/** What takes most of a bake, where it is about something else. */
async function skipRuns(provisioners: Provisioners): Promise<void> {
  for (const name of ['train-engine', 'smoke-run']) await provisioners.replace(name, 'exit 0');
}

async function expectNothingLeft(): Promise<void> {
  expect(await rig.images()).toEqual([]);
  expect(await rig.leftMachines()).toEqual([]);
}

/** What the first `make ami` has gathered, for those bakes that are about Packer alone. */
let contents: string;

it('a provisioner that fails ends make ami, says why under its name, and leaves no image and no machine', async () => {
  const { status, output, files } = await rig.makeAmi(first, parts, { connectors: '["nonesuch"]' });
  expect(status).not.toBe(0);
  expect(output).toContain('install-engine.sh: the engine has no plugin "nonesuch"; it has: memory tpch');
  await expectNothingLeft();
  contents = path.join(files, 'contents');
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

describe('make ami again, on the machine on which it has failed before', () => {
  let baked: Baked & { readonly files: string };
  let commit: string;
  beforeAll(async () => {
    commit = (await run('git', ['rev-parse', 'HEAD'])).stdout.trim();
    const startedAt = performance.now();
    baked = await rig.makeAmi(first, parts, WITH_SHIPPER);
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
      'datomic-gateway:commit': commit,
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
        custom_data: { base: 'debian12', commit },
      },
    ]);
    expect(baked.output).toContain(`ImageX86=${image?.ImageId} `);
    expect(await read('version-info.json')).toMatchObject({
      commit,
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

testBoot(() => ({ rig, instance: first.instance }));
