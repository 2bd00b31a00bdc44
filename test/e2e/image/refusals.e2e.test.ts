import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BakeRig, createBakeRig } from '../../support/bake-rig.ts';

/** Packer ends before it looks for one. */
const NO_MACHINE = { port: 9 };

let rig: BakeRig;
beforeAll(async () => {
  rig = await createBakeRig();
});
afterAll(() => rig.close());

describe('a bake that cannot work ends before a machine is started', () => {
  const stage = (environment: Record<string, string>) =>
    rig.stage(path.join(rig.dir, 'other'), { STAGE_INSTALL: 'no', ...environment });

  it('when a checksum is not that of the file', async () => {
    const { status, output } = await stage({
      ENGINE_FROM: path.resolve('package.json'),
      ENGINE_SHA256: '0'.repeat(64),
    });
    expect(status).toBe(65);
    expect(output).toMatch(
      /package.json is not what ENGINE_SHA256 names: expected 0{64}, found [0-9a-f]{64}/,
    );
  });

  it('when a file has no checksum, or nobody said where the engine is', async () => {
    const none = await stage({});
    expect([none.status, none.output]).toEqual([2, expect.stringContaining('ENGINE_FROM is not set')]);
    const bare = await stage({ ENGINE_FROM: 's3://bucket/engine.zip' });
    expect([bare.status, bare.output]).toEqual([2, expect.stringContaining('set ENGINE_SHA256')]);
  });

  it('when a variable is missing or wrong', async () => {
    const missing = await rig.bake(rig.dir, NO_MACHINE, { without: ['commit'] });
    expect(missing.status).not.toBe(0);
    expect(missing.output).toContain('Unset variable "commit"');
    const wrong = await rig.bake(rig.dir, NO_MACHINE, { vars: { system_base: 'ubuntu' } });
    expect(wrong.output).toContain('The system_base is al2023 or debian12.');
    expect(await rig.images()).toEqual([]);
    expect(await rig.leftMachines()).toEqual([]);
  });
});
