/** What a warm start must show on a real engine: one training run, one start that uses what it made. */
import { execFile } from 'node:child_process';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../../agent/cli/doctor/finding.ts';
import { optionsToUse, type WarmMethod } from '../../../agent/core/engine/warm/method.ts';
import { createEngineRig, type EngineName, type EngineRig } from '../../support/engine-rig.ts';

const run = promisify(execFile);
const CONNECTORS = ['tpch'];

export function testWarmStart(name: EngineName, method: WarmMethod, file: string): void {
  describe(`a gateway on ${name} with a warm start`, () => {
    let rig: EngineRig;
    let archive: string;
    const train = async () => {
      const argv = [path.resolve('dist/gatewayctl.cjs'), 'engine', 'train'];
      return (await run(process.execPath, argv, { env: rig.env, timeout: 240_000 })).stdout;
    };

    /** What the doctor says of it. */
    const examine = async () => {
      const argv = [path.resolve('dist/gatewayctl.cjs'), 'doctor', '--json'];
      const { stdout } = await run(process.execPath, argv, { env: rig.env }).catch(
        (error: { stdout: string }) => error,
      );
      const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
      return findings.filter(({ check }) => check === 'warm start');
    };

    beforeAll(async () => {
      rig = await createEngineRig(name);
      rig.env.GATEWAY_CONNECTORS = JSON.stringify(CONNECTORS);
      rig.env.GATEWAY_COMMAND = JSON.stringify([path.resolve('systemd/analytics-run')]);
      archive = path.join(rig.root, 'home', 'warm', file);
    });
    afterAll(() => rig?.dispose());

    test('one training run makes the archive, a second one finds it up to date', async () => {
      expect(await train()).toMatch(/^made the /);
      const { mtimeMs, size } = statSync(archive);
      expect(size).toBeGreaterThan(20 * 1024 * 1024);
      expect(await train()).toMatch(/is up to date$/m);
      expect(statSync(archive).mtimeMs).toBe(mtimeMs);
    });

    test('the engine starts with the archive mapped, and with the plugins of the connectors alone', async () => {
      rig.sync({ 'catalog/tpch.properties': 'connector.name=tpch\n' });
      rig.start();
      const { analytics } = await rig.waitForProven();
      // The JVM maps what it uses; what it rejects it closes again.
      expect(readFileSync(`/proc/${analytics.pid}/maps`, 'utf8')).toContain(archive);
      const loaded = [...rig.engineLog().matchAll(/-- Loading plugin (\S+) --/g)].map(([, plugin]) =>
        path.basename(plugin ?? ''),
      );
      expect(loaded).toEqual(CONNECTORS);
      expect(await examine()).toMatchObject([{ verdict: 'ok' }]);
      expect(await rig.sql('SELECT count(*) FROM tpch.tiny.nation')).toEqual([[25]]);
    });

    test('an archive that was cut short is not used, and the restart is proven', async () => {
      truncateSync(archive, Math.floor(statSync(archive).size / 2));
      expect(await rig.ask('restart', '--now')).toMatchObject({ outcome: 'done' });
      const { analytics } = await rig.waitForProven();
      expect(readFileSync(`/proc/${analytics.pid}/maps`, 'utf8')).not.toContain(archive);
      expect(await examine()).toMatchObject([
        { verdict: 'warning', message: expect.stringContaining('bytes instead of') },
      ]);
    });

    test('the JVM itself goes on without a file that is no archive', async () => {
      const junk = path.join(rig.root, 'junk');
      writeFileSync(junk, Buffer.alloc(1024 * 1024, 'no archive'));
      const java = rig.env.GATEWAY_JAVA ?? '';
      const { stderr } = await run(java, [...optionsToUse(method, junk), '-version']);
      expect(stderr).toContain('64-Bit Server VM');
    });
  });
}
