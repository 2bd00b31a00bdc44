/** The agent of yesterday or tomorrow over the state that is there. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Rig } from '../support/rig.ts';
import { readObject } from '../support/rig-bucket.ts';
import {
  BILLING,
  CATALOG,
  FILES,
  findCondition,
  findEvents,
  ORDERS,
  startProven,
  waitForListings,
} from '../support/rows.ts';

const memoryOf = (rig: Rig) => path.join(rig.state, 'memory.json');
const provenOf = (rig: Rig) => path.join(rig.state, 'store', 'proven.json');

type Document = Record<string, unknown>;
function edit(file: string, change: (document: Document) => Document | string): void {
  const changed = change(JSON.parse(readFileSync(file, 'utf8')) as Document);
  writeFileSync(file, typeof changed === 'string' ? changed : JSON.stringify(changed));
}

/** A later agent, which keeps what this one does not know in a way that this one cannot read. */
const asNewer = (document: Document): Document => ({
  ...document,
  version: 2,
  proven: { under: 'another shape' },
});

/** A gateway with the metaschemas kept, since the source lost them all. */
async function startHolding(): Promise<Rig> {
  const rig = await startProven();
  await rig.waitForProven(await rig.sync({ [CATALOG]: FILES[CATALOG] }));
  await rig.waitFor(({ held }) => held.length === 1);
  return rig;
}

async function expectAllThere(rig: Rig): Promise<void> {
  const status = await rig.waitFor(({ held, analytics }) => analytics.serving && held.length === 1);
  expect(status.held[0]?.paths.toSorted()).toEqual([BILLING, ORDERS].sort());
  await rig.waitForProven();
  await waitForListings(rig, 3);
  expect([...(await rig.live()).keys()]).toEqual(expect.arrayContaining([BILLING, CATALOG, ORDERS]));
  expect(rig.status()?.held).toHaveLength(1);
}

describe('state of a later agent', () => {
  it('with fields that this one does not know is used, and nothing is set aside', async () => {
    const rig = await startHolding();
    await rig.stop();
    edit(memoryOf(rig), (document) => ({ ...document, mood: 'good', sick: null }));
    rig.start();
    await expectAllThere(rig);
    expect(findCondition(rig.status(), 'StateLost')).toBeNull();
    expect(findEvents(rig, 'state.set-aside')).toEqual([]);
  });

  it('of a version that this one does not know is set aside whole, said, and replaced by what was proven', async () => {
    const rig = await startHolding();
    await rig.stop();
    edit(memoryOf(rig), asNewer);
    const text = readFileSync(memoryOf(rig), 'utf8');
    rig.start();
    await expectAllThere(rig);
    expect(findCondition(rig.status(), 'StateLost')?.message).toContain('memory.json.corrupt-1');
    expect(readFileSync(`${memoryOf(rig)}.corrupt-1`, 'utf8')).toBe(text);
    expect(findEvents(rig, 'state.set-aside')).toHaveLength(1);
  });

  it('of which nothing on this disk can be read is replaced from the bucket', async () => {
    const rig = await startHolding();
    await expect
      .poll(async () => (await readObject(rig, 'acme/datomic/gateway/baseline/acme.json')) ?? '', {
        timeout: 20_000,
      })
      .toContain('"kept":{');
    await rig.stop();
    edit(memoryOf(rig), asNewer);
    edit(provenOf(rig), asNewer);
    edit(path.join(rig.state, 'store', 'intent.json'), () => 'no intent');
    rig.start();
    await expectAllThere(rig);
    expect(findEvents(rig, 'baseline.inherited')).toHaveLength(1);
    expect(findCondition(rig.status(), 'StateLost')).not.toBeNull();
    expect(readdirSync(path.join(rig.state, 'store')).join(' ')).toContain('proven.json.corrupt-1');
  });
});

describe('state of an earlier agent', () => {
  it('without the fields that came later is used', async () => {
    const rig = await startHolding();
    await rig.stop();
    edit(memoryOf(rig), ({ inherited, servedBoot, countedExit, sick, ...earlier }) => {
      expect([inherited, sick]).toEqual([null, null]);
      expect([servedBoot, countedExit]).not.toContain(undefined);
      return earlier;
    });
    rig.start();
    await expectAllThere(rig);
    expect(findCondition(rig.status(), 'StateLost')).toBeNull();
  });
});

describe('a state file that is damaged', () => {
  it.each([
    ['empty', () => ''],
    ['half', (document: Document) => JSON.stringify(document).slice(0, 100)],
    ['full of zeros', () => '\0'.repeat(500)],
    ['of another shape', (document: Document) => ({ ...document, kept: [] })],
  ])('%s is set aside and said; holds and what was proven stay', async (_, damage) => {
    const rig = await startHolding();
    const proven = rig.status()?.proven?.digest;
    await rig.stop();
    edit(memoryOf(rig), damage);
    rig.start();
    await expectAllThere(rig);
    expect(rig.status()?.proven?.digest).toBe(proven);
    expect(findCondition(rig.status(), 'StateLost')).not.toBeNull();
    // The next start finds good state, and no longer says so.
    await rig.stop();
    rig.start();
    const startedAt = Date.now();
    const next = await rig.waitFor(({ agent }) => Date.parse(agent.startedAt) >= startedAt - 50);
    expect(findCondition(next, 'StateLost')).toBeNull();
  });
});
