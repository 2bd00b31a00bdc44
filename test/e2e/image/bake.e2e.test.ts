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

/** What the bake says of a unit that nobody expects, with the words that let it pass. */
const startsAtBoot = (unit: string) =>
  "check-boot-units.sh: these units start at boot, and are neither ours nor the distribution's: look at each, and " +
  `bake with PACKER_ARGS="-var 'boot_units=[\\"${unit}\\"]'" if they may`;

describe('on a machine of its own', () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await rig.startMachine();
  });
  afterAll(() => machine.instance.dispose());

  it('a service that the base image starts ends the bake early, until somebody says that it may', async () => {
    const unit = '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n';
    await machine.instance.write('/etc/systemd/system/strange.service', unit);
    await machine.instance.sh('systemctl enable --quiet strange.service');
    const alter = (provisioners: Provisioners) =>
      provisioners.replace('install-ssm-agent', 'echo it went on; exit 1');
    const refused = await rig.bake(contents, machine, { alter });
    expect(refused.output).toContain(startsAtBoot('strange.service'));
    expect(refused.output).not.toContain('it went on');
    const allowed = await rig.bake(contents, machine, { vars: { boot_units: '["strange.*"]' }, alter });
    expect(allowed.output).not.toContain('these units start at boot');
    expect(allowed.output).toContain('it went on');
    await expectNothingLeft();
    await machine.instance.sh('systemctl disable --quiet strange.service');
  });

  it('a bake that is interrupted ends its machine, too', async () => {
    const { status, output } = await rig.bake(contents, machine, {
      interruptAt: 'the long part',
      alter: (provisioners) => provisioners.replace('install-packages', 'echo the long part; sleep 20'),
    });
    expect(status).not.toBe(0);
    expect(output).toMatch(/cancel/i);
    await expectNothingLeft();
  });

  it('a fault that validation finds leaves no image either, and every fault is named', async () => {
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
    expect(output).toContain(startsAtBoot('forgotten.service'));
    for (const fault of [
      '/etc/ssh/ssh_host_rsa_key must not be in an image',
      'what ec2-user may do by sudo: expected',
      '/opt/datomic/gateway/gatewayctl.cjs can be written by others than root',
      'gateway-agent.service: expected "enabled", found "disabled"',
      'the image has 5 faults',
    ]) {
      expect(output).toContain(`validate.sh: ${fault}`);
    }
    await expectNothingLeft();
  });
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
    // Without training and smoke run: then it also shows that those leave nothing but the archive behind. And with all
    // that installs run twice, of which nothing may be left either.
    const again = await rig.bake(contents, second, {
      vars: WITH_SHIPPER,
      alter: async (provisioners) => {
        await skipRuns(provisioners);
        await provisioners.append(
          'install-gateway',
          `if [[ -e $BAKE_DIR/once ]]; then exit; fi
          touch "$BAKE_DIR/once"
          for name in packages ssm-agent log-shipper java engine gateway; do
            bash "$BAKE_DIR/provisioners/install-$name.sh"
          done
          echo 'installed twice'`,
        );
      },
    });
    expect(again.output).toContain('installed twice');
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
