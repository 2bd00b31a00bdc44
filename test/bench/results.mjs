import { NODE_FLAGS } from './gateway.mjs';

/** What this benchmark does not measure, and why. */
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

const formatRow = ({ what, measured, limit, isMet }) =>
  `| ${what} | ${measured} | ${limit ?? ''} | ${isMet === undefined ? '' : isMet ? 'met' : '**missed**'} |`;

const formatFigure = ({ title, rows, method }) =>
  [
    `## ${title}`,
    '',
    '| | measured | limit | |',
    '|---|---|---|---|',
    ...rows.map(formatRow),
    '',
    method,
  ].join('\n');

/** The whole of RESULTS.md. */
export function formatResults({ results, machine, at }) {
  return `${[
    '# Results of `make bench`',
    '',
    `Written by the benchmark itself on ${at.toISOString().slice(0, 10)}. Medians, with range and count where it says so; peers ran in the same run. Other machines give other numbers: compare ratios.`,
    '',
    '| | |',
    '|---|---|',
    `| agent | ${machine.agent} |`,
    `| Node | ${machine.node} |`,
    `| the agent's Node runs with | \`${NODE_FLAGS.join(' ')}\` |`,
    `| peers | ${machine.aws} |`,
    `| S3 server | moto ${machine.moto} |`,
    `| machine | ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.kernel} |`,
    '',
    ...results.flatMap((result) => [formatFigure(result), '']),
    '## Not measured',
    '',
    '| what | why |',
    '|---|---|',
    ...SKIPPED.map(([what, why]) => `| ${what} | ${why} |`),
  ].join('\n')}\n`;
}

/** RESULTS.md with the sections of these figures written anew, and all others as they were measured before. */
export function replaceFigures(text, results) {
  return results.reduce((before, result) => {
    const section = `${formatFigure(result)}\n\n`;
    const start = before.indexOf(`## ${result.title}\n`);
    const last = before.indexOf('## Not measured\n');
    if (start < 0) return before.slice(0, last) + section + before.slice(last);
    const end = before.indexOf('\n## ', start) + 1;
    return before.slice(0, start) + section + before.slice(end);
  }, text);
}
