import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { startHttpsServer } from '../support/https-server.ts';
import { createBucket } from '../support/moto.ts';
import { createStageRig } from '../support/stage-rig.ts';
import { until } from '../support/until.ts';

const WRONG = '0'.repeat(64);
const isNot = (from: string, found: string) =>
  `stage: ${from} is not what ENGINE_SHA256 names: expected ${WRONG}, found ${found}`;

describe('what the image is given comes', () => {
  it.each(['zip', 'tar.gz'] as const)(
    'from a bucket, as .%s, and is kept for the next time',
    async (type) => {
      const rig = await createStageRig();
      const bucket = await createBucket();
      const { file, sha256 } = await rig.packEngine(type);
      await bucket.put(`engine.${type}`, await readFile(file));
      const from = `s3://${bucket.name}/engine.${type}`;
      const environment = { ENGINE_FROM: from, AWS_ENDPOINT_URL_S3: inject('motoEndpoint') };

      const wrong = await rig.stage({ ...environment, ENGINE_SHA256: WRONG });
      expect([wrong.status, wrong.output]).toEqual([65, expect.stringContaining(isNot(from, sha256))]);
      expect([await rig.engine(), rig.kept()]).toEqual([null, []]);

      expect(await rig.stage({ ...environment, ENGINE_SHA256: sha256 })).toMatchObject({ status: 0 });
      const first = await rig.engine();
      expect(first?.includes('./plugin/tpch/a.jar')).toBe(true);
      expect(rig.kept()).toEqual([sha256]);

      await bucket.remove(`engine.${type}`);
      expect(await rig.stage({ ...environment, ENGINE_SHA256: sha256 })).toMatchObject({ status: 0 });
      expect((await rig.engine())?.equals(first ?? Buffer.alloc(0))).toBe(true);
    },
  );

  it('not from a bucket that has no such object: the AWS CLI says so, and it is no wrong checksum', async () => {
    const rig = await createStageRig();
    const from = `s3://${(await createBucket()).name}/none.zip`;
    const environment = { ENGINE_FROM: from, AWS_ENDPOINT_URL_S3: inject('motoEndpoint') };
    const { status, output } = await rig.stage({ ...environment, ENGINE_SHA256: WRONG });
    expect(status).toBe(69);
    expect(output).toContain('(404)');
    expect(output.trim().split('\n').at(-1)).toBe(
      `stage: ${from} was not downloaded whole; nothing of it was kept`,
    );
    expect(rig.kept()).toEqual([]);
  });

  it('by https from a server whose certificate is believed, after a download that broke off', async () => {
    const rig = await createStageRig();
    const { file, sha256 } = await rig.packEngine('zip');
    const bytes = await readFile(file);
    let isWhole = false;
    const server = await startHttpsServer(rig.dir, (_request, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      if (isWhole) response.end(bytes);
      else response.write(bytes.subarray(0, 50), () => response.destroy());
    });
    const from = `${server.url}/engine.zip`;
    const strange = await rig.stage({ ENGINE_FROM: from, ENGINE_SHA256: sha256 });
    expect([strange.status, strange.output]).toEqual([69, expect.stringMatching(/certificate/)]);

    const environment = { ENGINE_FROM: from, CURL_CA_BUNDLE: server.certificate };
    const broken = await rig.stage({ ...environment, ENGINE_SHA256: sha256 });
    expect([broken.status, broken.output]).toEqual([
      69,
      expect.stringContaining(`stage: ${from} was not downloaded whole`),
    ]);
    expect([await rig.engine(), rig.kept()]).toEqual([null, []]);

    isWhole = true;
    const wrong = await rig.stage({ ...environment, ENGINE_SHA256: WRONG });
    expect([wrong.status, wrong.output]).toEqual([65, expect.stringContaining(isNot(from, sha256))]);
    expect(await rig.stage({ ...environment, ENGINE_SHA256: sha256 })).toMatchObject({ status: 0 });
    expect((await rig.engine())?.includes('./plugin/tpch/a.jar')).toBe(true);
  });

  it('anew after the script was killed in the middle, and nothing of the first half stays', async () => {
    const rig = await createStageRig();
    const { file, sha256 } = await rig.packEngine('tar.gz');
    const bytes = await readFile(file);
    let requests = 0;
    const server = await startHttpsServer(rig.dir, (_request, response) => {
      requests += 1;
      response.writeHead(200, { 'content-length': bytes.length });
      if (requests > 1) response.end(bytes);
      else response.write(bytes.subarray(0, 50));
    });
    const environment = {
      ENGINE_FROM: `${server.url}/engine.tar.gz`,
      ENGINE_SHA256: sha256,
      CURL_CA_BUNDLE: server.certificate,
    };
    const killed = rig.start(environment);
    await until(() => rig.kept().length > 0, {
      timeoutMs: 30_000,
      describe: () => 'the beginning of the file',
    });
    // The script alone: what downloads for it goes on until its server goes, and must not be in the way.
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(rig.kept()).toEqual([`${sha256}.partial`]);
    expect(await rig.stage(environment)).toMatchObject({ status: 0 });
    expect(rig.kept()).toEqual([sha256]);
  });
});

describe('the scripts of the image', () => {
  it.each([
    ['stage.sh', 'bash'],
    ['stack-command.mjs', 'node'],
  ])('say how they are used, and take no option for a directory: %s', async (script, program) => {
    const usage = `${script} DIR`;
    const say = (...args: string[]) =>
      promisify(execFile)(program, [`packer/${script}`, ...args], { timeout: 20_000 });
    expect((await say('--help')).stdout).toContain(usage);
    for (const args of [[], ['--nonesuch']]) {
      await expect(say(...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(usage) });
    }
  });
});
