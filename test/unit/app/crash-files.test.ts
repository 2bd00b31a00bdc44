/** The crash points again with real files under the real adapters: torn writes, full and broken disks meet that code. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createFileDisk } from '../../fakes/file-disk.ts';
import type { GatewayWorldOptions } from '../../fakes/gateway-world.ts';
import { describeCounts, runCampaign, seedOfRun } from '../../support/crash-campaign.ts';
import { createRandom } from '../../support/crash-points.ts';
import { SCENARIOS } from '../../support/crash-scenarios.ts';

const IS_LONG = process.env.TORTURE !== undefined;
const isAll = IS_LONG || process.env.FAULT !== undefined;
/** In memory where there is such a place: fsync costs nothing there. */
const BASE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

let made: string[] = [];
const discard = () => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
  made = [];
};
afterEach(discard);

const onFiles = (given: GatewayWorldOptions): GatewayWorldOptions => {
  discard();
  const dir = mkdtempSync(join(BASE, 'gateway-crash-'));
  made = [dir];
  return { ...given, disk: createFileDisk(dir) };
};

it('with real files, stopped or failed at any step of them, the gateway comes right by itself', {
  timeout: 3_600_000,
}, async () => {
  const seed = seedOfRun();
  const random = createRandom(seed);
  const shuffled = SCENARIOS.map((scenario) => ({ scenario, order: random() })).toSorted(
    (a, b) => a.order - b.order,
  );
  const found = await runCampaign({
    // `FAULT` names a scenario: then all of them are there.
    scenarios: shuffled.slice(0, isAll ? undefined : 10).map(({ scenario }) => scenario),
    seed,
    deathsEach: IS_LONG ? 1 : 0,
    singles: IS_LONG ? 6_000 : 60,
    doubles: IS_LONG ? 3_000 : 30,
    make: onFiles,
  });
  console.log(describeCounts(found, seed));
  expect(found.findings).toEqual([]);
});
