import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareText } from '../../../agent/core/digest.ts';
import { readProperties } from '../../../agent/core/properties/read.ts';
import { quote } from './print-value.ts';
import { makePropertiesDocument } from './properties-documents.ts';
import { createRandom } from './random.ts';
import { type Answer, type Reference, startReference } from './reference.ts';

const SEED = Number(process.env.SEED ?? 20_260_101);
const COUNT = Number(process.env.TORTURE ?? 200_000);
const BATCH = 5_000;

/** What ours makes of it, as the reference answers: sorted by key, the last of equal keys. */
function read(document: Uint8Array): Answer {
  const { entries, faults } = readProperties(document);
  const fault = faults.find(({ code }) => code === 'PROPERTIES_BAD_ESCAPE');
  if (fault !== undefined) return { isRead: false, why: fault.message };
  const last = new Map(entries.map(({ key, value }) => [key, value]));
  const sorted = [...last].toSorted(([a], [b]) => compareText(a, b));
  return { isRead: true, value: sorted.map(([key, value]) => `${quote(key)}=${quote(value)}\n`).join('') };
}

function describeDifference(document: Uint8Array, theirs: Answer): readonly string[] {
  const ours = read(document);
  const isSame = ours.isRead && theirs.isRead ? ours.value === theirs.value : ours.isRead === theirs.isRead;
  if (isSame) return [];
  const show = (answer: Answer) => (answer.isRead ? answer.value : `refused, ${answer.why}`);
  const text = JSON.stringify(Buffer.from(document).toString('latin1'));
  return [`${text}\n  ours: ${show(ours)}\n  java: ${show(theirs)}`];
}

describe('our properties reader and java.util.Properties', () => {
  let reference: Reference;
  beforeAll(async () => {
    reference = await startReference();
  });
  afterAll(() => reference?.close());

  it(`take and refuse the same of ${COUNT} generated and mutated files, with the same keys and values`, async () => {
    const random = createRandom(SEED);
    const differences: string[] = [];
    let readable = 0;
    for (let done = 0; done < COUNT && differences.length === 0; done += BATCH) {
      const documents = Array.from({ length: Math.min(BATCH, COUNT - done) }, () =>
        makePropertiesDocument(random),
      );
      const answers = await reference.ask('properties', documents);
      readable += answers.filter(({ isRead }) => isRead).length;
      differences.push(
        ...documents.flatMap((document, index) => describeDifference(document, answers[index] as Answer)),
      );
    }
    console.info(`properties: seed ${SEED}, ${COUNT} files, ${readable} readable`);
    expect(differences.slice(0, 20)).toEqual([]);
    expect(readable).toBeGreaterThan(COUNT / 10);
  });
});
