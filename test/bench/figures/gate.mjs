// Reading EDN against JSON.parse of a document of equal size and structure, and the gate against reading alone.

import { parseEDNString } from 'edn-data';
import { judge } from '../judge.mjs';
import { loadModule } from '../load-module.mjs';
import { describeSpread, median, round } from '../statistics.mjs';

const READ_LIMIT_RATIO = 6;
const GATE_LIMIT_RATIO = 3;
const ROUNDS = 31;
const WARM_UP_ROUNDS = 10;
const METASCHEMAS = 20;
const TABLES = 50;

/** The structure of a real metaschema, as data: names, options of all kinds, joins. */
function describeMetaschema(file, tables) {
  const names = Array.from({ length: tables }, (_, index) => `shop-${file}.entity-${index}`);
  const describeTable = (name, index) => ({
    name: `entity_${file}_${index}`,
    include: ['audit/created-at', `audit.${index}/*`],
    exclude: [`${name}/internal-note`],
    rename: { [`${name}/placed-at`]: 'placed', 'audit/created-at': 'created' },
    'rename-many-table': { [`${name}/tags`]: `entity_${file}_${index}_tags` },
    scale: { [`${name}/total`]: 2, [`${name}/tax`]: 4 },
  });
  return {
    tables: Object.fromEntries(names.map((name, index) => [`${name}/id`, describeTable(name, index)])),
    joins: Object.fromEntries(
      names.map((name, index) => [`${name}/parent`, `entity_${file}_${(index + 1) % tables}`]),
    ),
  };
}

/** SQL names have no slash and no key of theirs is one: all else is a keyword. */
const isSqlName = (text) => /^[a-z0-9_]+$/.test(text);

function printEdn(value) {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return isSqlName(value) ? `"${value}"` : `:${value}`;
  if (Array.isArray(value)) return `[${value.map(printEdn).join(' ')}]`;
  const entries = Object.entries(value).map(([key, child]) => `:${key} ${printEdn(child)}`);
  return `{${entries.join(' ')}}`;
}

const time = (work) => {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
};

/** Times of each piece of work, in turns, so that the machine's moods meet all of them. */
function measureInTurns(works) {
  const times = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
  for (let turn = 0; turn < WARM_UP_ROUNDS + ROUNDS; turn += 1) {
    for (const [name, work] of Object.entries(works)) {
      const took = time(work);
      if (turn >= WARM_UP_ROUNDS) times[name].push(took);
    }
  }
  return times;
}

export async function measureGate() {
  const { readEdn } = await loadModule('agent/core/edn/read.ts');
  const { gate } = await loadModule('agent/core/gate/gate.ts');

  const data = describeMetaschema(0, METASCHEMAS * TABLES);
  const edn = printEdn(data);
  const json = JSON.stringify(data);
  const one = (text) => {
    const { faults } = readEdn(text);
    if (faults.length > 0) throw new Error(faults[0].message);
  };
  const reading = measureInTurns({
    json: () => JSON.parse(json),
    ours: () => one(edn),
    ednData: () => parseEDNString(edn),
  });

  const texts = Array.from({ length: METASCHEMAS }, (_, file) => printEdn(describeMetaschema(file, TABLES)));
  const files = texts.map((text, file) => ({
    path: `datomic/m${file}.edn`,
    bytes: new TextEncoder().encode(text),
  }));
  const judging = measureInTurns({
    reading: () => texts.forEach(one),
    gate: () => {
      const issues = gate(files, { connectors: ['datomic'] });
      if (issues.length > 0) throw new Error(issues[0].message);
    },
  });

  const ratio = (times, name, to) => round(median(times[name]) / median(times[to]));
  const read = ratio(reading, 'ours', 'json');
  const judged = ratio(judging, 'gate', 'reading');
  const kib = (text) => Math.round(text.length / 1_024);
  return {
    title: 'Gate',
    rows: [
      { what: `\`JSON.parse\` of ${kib(json)} KiB, ms`, measured: describeSpread(reading.json, 2) },
      {
        what: `our EDN reader, ${kib(edn)} KiB of the same structure, with places, ms`,
        measured: describeSpread(reading.ours, 2),
      },
      judge({ what: 'our EDN reader, to `JSON.parse`', value: read, limit: READ_LIMIT_RATIO }),
      {
        what: 'that, MiB a second',
        measured: round(edn.length / 2 ** 20 / (median(reading.ours) / 1_000), 1),
      },
      {
        what: '`edn-data` (no places, not strict), to `JSON.parse`',
        measured: ratio(reading, 'ednData', 'json'),
      },
      {
        what: `reading ${METASCHEMAS} metaschemas of ${TABLES} tables, ms`,
        measured: describeSpread(judging.reading, 2),
      },
      { what: 'the gate on them, ms', measured: describeSpread(judging.gate, 2) },
      judge({ what: 'the gate, to reading alone', value: judged, limit: GATE_LIMIT_RATIO }),
      {
        what: 'that, MiB a second',
        measured: round(texts.join('').length / 2 ** 20 / (median(judging.gate) / 1_000), 1),
      },
    ],
    method: `${ROUNDS} rounds in turns after ${WARM_UP_ROUNDS} to warm up, in one process. The documents are metaschemas that use every option; the JSON has the same maps, vectors, names and numbers. The gate decodes the bytes, reads, checks the grammar, computes all tables and looks for collisions and joins; it finds nothing.`,
    raw: { reading, judging },
  };
}
