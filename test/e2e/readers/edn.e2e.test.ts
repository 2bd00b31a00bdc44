import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEdn } from '../../../agent/core/edn/read.ts';
import { explainEdnDifference } from './differences.ts';
import { EDN_ROWS, makeEdnDocument } from './edn-documents.ts';
import { printValue } from './print-value.ts';
import { createRandom } from './random.ts';
import { type Answer, type Reference, startReference } from './reference.ts';

const SEED = Number(process.env.SEED ?? 20_260_101);
const COUNT = Number(process.env.TORTURE ?? 100_000);
const BATCH = 5_000;

/** What ours makes of it, as the reference answers. */
function read(document: string): Answer {
  const { form, faults } = readEdn(document, { forms: 'first', maxDepth: 1_000 });
  const [fault] = faults;
  if (fault !== undefined) return { isRead: false, why: `${fault.code}: ${fault.message}` };
  return { isRead: true, value: form === null ? 'nil' : printValue(form) };
}

function describeDifference(document: string, theirs: Answer): string | null {
  const ours = read(document);
  const isSame = ours.isRead && theirs.isRead ? ours.value === theirs.value : ours.isRead === theirs.isRead;
  if (isSame || explainEdnDifference(document, ours, theirs) !== null) return null;
  const show = (answer: Answer) => (answer.isRead ? answer.value : `refused, ${answer.why}`);
  return `${JSON.stringify(document)}\n  ours:    ${show(ours)}\n  clojure: ${show(theirs)}`;
}

describe('our EDN reader and clojure.edn/read-string', () => {
  let reference: Reference;
  beforeAll(async () => {
    reference = await startReference();
  });
  afterAll(() => reference?.close());

  async function compare(documents: readonly string[]): Promise<readonly string[]> {
    // What UTF-8 cannot carry, half a surrogate pair, is no document.
    const whole = documents.filter((document) => Buffer.from(document).toString() === document);
    const answers = await reference.ask(
      'edn',
      whole.map((document) => Buffer.from(document)),
    );
    return whole.flatMap((document, index) => describeDifference(document, answers[index] as Answer) ?? []);
  }

  it('take and refuse the same rows of near misses, with the same values', async () => {
    expect((await compare(EDN_ROWS)).slice(0, 40)).toEqual([]);
  });

  it(`take and refuse the same of ${COUNT} generated and mutated documents, with the same values`, async () => {
    const random = createRandom(SEED);
    const differences: string[] = [];
    let readable = 0;
    for (let done = 0; done < COUNT && differences.length === 0; done += BATCH) {
      const documents = Array.from({ length: Math.min(BATCH, COUNT - done) }, () => makeEdnDocument(random));
      readable += documents.filter((document) => read(document).isRead).length;
      differences.push(...(await compare(documents)));
    }
    console.info(`edn: seed ${SEED}, ${COUNT} documents, ${readable} readable`);
    expect(differences.slice(0, 20)).toEqual([]);
    expect(readable).toBeGreaterThan(COUNT / 10);
  });
});
