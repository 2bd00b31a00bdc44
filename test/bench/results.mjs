// What was measured, kept in results.json, and RESULTS.md, which is written from that alone.

import { readFileSync, writeFileSync } from 'node:fs';

import { plot } from './plot.mjs';
import { REASONS } from './reasons.mjs';

const DATA = 'test/bench/results.json';
const DOCUMENT = 'test/bench/RESULTS.md';
const PLOT = 'test/bench/results.svg';

/** What this benchmark never measures, and why. */
const SKIPPED = [
  [
    'CPU of the systemd supervisor (`systemctl` as a child)',
    'needs systemd as PID 1; here the child supervisor runs',
  ],
  [
    'PrestoSQL or Trino in the figures about the agent itself',
    'a stand-in engine is its child there; real ones are in the figures of restarts',
  ],
  ['S3 itself', 'a local server (moto) answers, in Python: slower in CPU, nearer in distance than S3'],
];

export const readResults = () => JSON.parse(readFileSync(DATA, 'utf8'));

/** Keeps the results, and writes RESULTS.md and the plot anew. */
export function writeResults(data) {
  writeFileSync(DATA, `${formatJson(data)}\n`);
  writeFileSync(DOCUMENT, formatResults(data));
  writeFileSync(PLOT, plot(data));
}

/** Samples on one line each. */
export const formatJson = (data) =>
  JSON.stringify(data, null, 1).replace(
    /\[\s+(-?[\d.]+(?:,\s+-?[\d.]+)*)\s+\]/g,
    (_, numbers) => `[${numbers.replace(/\s+/g, ' ')}]`,
  );

/** These results with those figures measured anew; all others stay, with the run that they are from. `order`: names. */
export function mergeFigures(data, { run, figures, order }) {
  const all = { ...data.figures };
  for (const [name, figure] of Object.entries(figures)) all[name] = { ...figure, run };
  const known = order.filter((name) => all[name] !== undefined);
  return { run, figures: Object.fromEntries(known.map((name) => [name, all[name]])) };
}

export const UNKNOWN_REASON = 'Why is not known: it has to be looked into.';

const cell = (text) => String(text ?? '').replaceAll('|', '\\|');

export function formatVerdict({ isMet, missedBy }) {
  if (isMet === undefined) return '';
  return isMet ? 'met' : `**missed** by ${missedBy}`;
}

const formatRow = (row) =>
  `| ${cell(row.what)} | ${cell(row.measured)} | ${cell(row.limit)} | ${formatVerdict(row)} |`;

/** The sentence of a section that is not from the run at the head of the document, or from a shortened one. */
function describeOrigin({ run }, head) {
  const differences = ['at', 'agent', 'node', 'machine'].filter((key) => run[key] !== head[key]);
  const words = [];
  if (differences.length > 0) words.push(`Measured on ${run.at}: agent ${run.agent}, Node ${run.node}.`);
  if (run.shortened !== '')
    words.push(`**A short trial** (${run.shortened}): not the figure of the project.`);
  return words.length === 0 ? [] : [words.join(' '), ''];
}

function formatFigure(figure, head) {
  const { title, rows, method } = figure;
  const table =
    rows.length === 0 ? [] : ['| | measured | limit | |', '|---|---|---|---|', ...rows.map(formatRow), ''];
  const missed = rows
    .filter(({ isMet }) => isMet === false)
    .flatMap(({ what, missedBy, why }) => [
      `Missed: ${what}, by ${missedBy}. ${why ?? REASONS[what] ?? UNKNOWN_REASON}`,
      '',
    ]);
  return [`## ${title}`, '', ...describeOrigin(figure, head), ...table, ...missed, method, ''];
}

/** The whole of RESULTS.md. */
export function formatResults({ run, figures }) {
  const all = Object.values(figures);
  const judged = all.flatMap(({ rows }) => rows).filter(({ isMet }) => isMet !== undefined);
  const missed = judged.filter(({ isMet }) => !isMet);
  const left = [run, ...all].flatMap(({ notMeasured }) => notMeasured ?? []);
  return `${[
    '# Results of `make bench`',
    '',
    `Written by the benchmark itself, last on ${run.at}: ${judged.length} limits, ${missed.length} missed. Medians, with range and count where it says so; peers ran in the same run. Other machines give other numbers: compare ratios. All samples are in [results.json](results.json).`,
    '',
    '![The gateway beside its peers: CPU and memory of a look, dollars a month, change to live, growth](results.svg)',
    '',
    '| | |',
    '|---|---|',
    `| agent | ${run.agent} |`,
    `| Node of the agent, and the bare one | ${run.node} |`,
    `| the agent's Node runs with | \`${run.flags}\` |`,
    ...Object.entries(run.versions).map(([name, version]) => `| ${name} | ${cell(version)} |`),
    `| machine | ${run.machine} |`,
    '',
    ...all.flatMap((figure) => formatFigure(figure, run)),
    '## Not measured',
    '',
    '| what | why |',
    '|---|---|',
    ...[...SKIPPED, ...left].map(([what, why]) => `| ${what} | ${cell(why)} |`),
  ].join('\n')}\n`;
}
