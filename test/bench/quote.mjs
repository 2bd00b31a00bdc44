// What README says of the figures: a table of all limits, and one of the gateway beside its peers, between two marks.

import { readFileSync, writeFileSync } from 'node:fs';
import { CONTESTANTS, dollarsOf, gatherBeside } from './beside.mjs';
import { formatVerdict } from './results.mjs';

const BEGIN = '<!-- Written by test/tools/readme-figures.mjs from test/bench/results.json. -->';
const END = '<!-- End of what is written from results.json. -->';

const show = (value, digits) => (value === undefined || value === null ? '' : value.toFixed(digits));

function formatPeers(data) {
  const rows = Object.entries(gatherBeside(data)).map(([name, facts]) => {
    const { cpuMs, memoryMiB, liveP50Ms, liveP99Ms } = facts;
    const dollars = dollarsOf(facts);
    const live =
      liveP50Ms === undefined ? '' : `${show(liveP50Ms / 1_000, 1)} / ${show(liveP99Ms / 1_000, 1)}`;
    return `| ${CONTESTANTS[name]} | ${show(cpuMs, 1)} | ${show(memoryMiB, 0)} | ${dollars === null ? '' : `$${show(dollars, 2)}`} | ${live} |`;
  });
  return [
    '| every 2 s | CPU of a look, ms | memory, MiB | S3 a month | sync to live, p50 / p99, s |',
    '|---|---|---|---|---|',
    ...rows,
  ];
}

function formatLimits({ figures }) {
  const rows = Object.values(figures).flatMap(({ title, rows: all }) =>
    all
      .filter(({ isMet }) => isMet !== undefined)
      .map((row) => `| ${title} | ${row.what} | ${row.measured} | ${row.limit} | ${formatVerdict(row)} |`),
  );
  return ['| figure | | measured | limit | |', '|---|---|---|---|---|', ...rows];
}

/** A shortened run must not pass for the figure of the project. */
function formatTrials({ figures }) {
  const trials = Object.values(figures).filter(({ run }) => run.shortened !== '');
  const titles = trials.map(({ title }) => `“${title}”`).join(', ');
  return trials.length === 0 ? [] : [`**From short trials, not from a whole run:** ${titles}.`, ''];
}

/** What stands between the marks. */
export const formatQuote = (data) =>
  [BEGIN, '', ...formatTrials(data), ...formatPeers(data), '', ...formatLimits(data), '', END].join('\n');

/** README with what stands between its marks written anew. */
function quoteResults(text, data) {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error('README.md does not have the two marks of what is quoted');
  return text.slice(0, from) + formatQuote(data) + text.slice(to + END.length);
}

/** Writes README.md anew from these results. */
export const quoteInReadme = (data) =>
  writeFileSync('README.md', quoteResults(readFileSync('README.md', 'utf8'), data));
