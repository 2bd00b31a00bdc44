/** What people read of the benchmark says what it measured. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  classifyRequest,
  formatQuote,
  formatResults,
  judge,
  mergeFigures,
  plot,
  priceOf,
  readResults,
  UNKNOWN_REASON,
} from '../bench/report.mjs';

const DATA = readResults();
const README = readFileSync('README.md', 'utf8');

describe('the results of the benchmark', () => {
  it('are RESULTS.md and the plot, as they are written from results.json', () => {
    expect(readFileSync('test/bench/RESULTS.md', 'utf8')).toBe(formatResults(DATA));
    expect(readFileSync('test/bench/results.svg', 'utf8')).toBe(plot(DATA));
  });

  it('are quoted by README as they are; after a run: node test/tools/readme-figures.mjs', () => {
    expect(README).toContain(formatQuote(DATA));
  });

  it('are quoted number by number as RESULTS.md has them', () => {
    const results = readFileSync('test/bench/RESULTS.md', 'utf8');
    const quoted = formatQuote(DATA)
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter(([, title]) => Object.values(DATA.figures).some((figure) => figure.title === title));
    expect(quoted.length).toBeGreaterThan(10);
    for (const [, title, what, measured, limit, verdict] of quoted) {
      const section = results.split('\n## ').find((one) => one.startsWith(`${title}\n`));
      expect(section, `RESULTS.md has no section ${title}`).toContain(
        `| ${what} | ${measured} | ${limit} | ${verdict} |`,
      );
    }
  });

  it('name, for each limit that is missed, by how much and why: test/bench/reasons.mjs', () => {
    const missed = Object.values(DATA.figures).flatMap(({ rows }) =>
      rows.filter((row) => row.isMet === false),
    );
    for (const { what, missedBy } of missed) expect(missedBy, what).toMatch(/\d/);
    expect(formatResults(DATA)).not.toContain(UNKNOWN_REASON);
  });
});

const RUN = {
  at: '2026-01-02',
  agent: '1',
  node: 'v24',
  flags: '',
  machine: 'm',
  shortened: '',
  versions: {},
};
const FIGURE = { title: 'One', rows: [{ what: 'a', measured: '1' }], method: 'How.', run: RUN };

describe('a result', () => {
  it('says where it is from another run, and where it is a trial', () => {
    const before = { run: RUN, figures: { one: FIGURE, two: { ...FIGURE, title: 'Two' } } };
    const run = { ...RUN, at: '2026-01-03', shortened: 'BENCH_CHANGES=1' };
    const merged = mergeFigures(before, { run, figures: { two: FIGURE }, order: ['two', 'one'] });
    expect(Object.keys(merged.figures)).toEqual(['two', 'one']);
    const text = formatResults(merged);
    expect(text).toContain('**A short trial** (BENCH_CHANGES=1)');
    expect(text).toContain('Measured on 2026-01-02: agent 1, Node v24.');
  });

  it('is missed above its limit, by its share, and says so', () => {
    const row = judge({ what: 'a', value: 5, limit: 4 });
    expect(row).toEqual({
      what: 'a',
      measured: '5',
      limit: '4',
      isMet: false,
      missedBy: '25 %',
    });
    const write = (one: typeof row) =>
      formatResults({ run: RUN, figures: { one: { ...FIGURE, rows: [one] } } });
    expect(write(row)).toContain('1 limits, 1 missed');
    expect(write(row)).toContain(`Missed: a, by 25 %. ${UNKNOWN_REASON}`);
    expect(write({ ...row, why: 'Because it is.' })).toContain('Missed: a, by 25 %. Because it is.');
    expect(judge({ what: 'a', value: 4, limit: 4 })).toEqual({
      what: 'a',
      measured: '4',
      limit: '4',
      isMet: true,
    });
  });

  it('names what was not measured, with the reason', () => {
    const figure = { ...FIGURE, notMeasured: [['`rclone`', 'not on this machine'] as const] };
    expect(formatResults({ run: RUN, figures: { one: figure } })).toContain(
      '| `rclone` | not on this machine |',
    );
  });
});

describe('requests', () => {
  it('are priced by what S3 charges for them', () => {
    const classes = [
      ['GET', '/bucket?list-type=2&prefix=a', 'list'],
      ['GET', '/bucket/?prefix=a', 'list'],
      ['GET', '/bucket/a/b.edn', 'get'],
      ['HEAD', '/bucket/a', 'get'],
      ['PUT', '/bucket/a', 'put'],
      ['DELETE', '/bucket/a', 'delete'],
    ] as const;
    for (const [method, url, expected] of classes) expect(classifyRequest({ method, url })).toBe(expected);
    expect(priceOf({ list: 1_000, get: 1_000, put: 1_000, delete: 1_000 })).toBeCloseTo(0.0104);
  });
});
