// results.svg: bars and lines of the gateway beside its peers. It brings its own background, light or dark as the reader
// has it, so that it can be read on any page; nothing is told by colour alone.

import { CONTESTANTS, dollarsOf, gatherBeside } from './beside.mjs';

const WIDTH = 800;
const PANEL_WIDTH = 370;
const MARGIN = 20;
const LABEL_WIDTH = 120;
const VALUE_WIDTH = 78;
const ROW = 24;
const HEAD = 52;

/** No custom properties: not every program that shows an SVG knows them. */
const describeColours = ({ back, text, soft, ours, peer, grid }) => `
  .back { fill: ${back}; } text { fill: ${text}; } .soft { fill: ${soft}; }
  .ours { fill: ${ours}; } .peer { fill: ${peer}; } .grid { stroke: ${grid}; }
  .line { fill: none; } .line.ours { stroke: ${ours}; } .line.peer { stroke: ${peer}; }`;

const LIGHT = {
  back: '#ffffff',
  text: '#1f2328',
  soft: '#59636e',
  ours: '#0969da',
  peer: '#8c959f',
  grid: '#d1d9e0',
};
const DARK = {
  back: '#0d1117',
  text: '#e6edf3',
  soft: '#9198a1',
  ours: '#58a6ff',
  peer: '#6e7681',
  grid: '#30363d',
};

const STYLE = `
  text { font-family: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; font-size: 13px; }
  .title { font-weight: 600; font-size: 14px; } .soft { font-size: 12px; }
  .line { stroke-width: 1.5; } .line.ours { stroke-width: 2.5; } .grid { stroke-width: 1; }
${describeColours(LIGHT)}
  @media (prefers-color-scheme: dark) {${describeColours(DARK)}
  }`;

const toXml = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const at = (value) => Number(value.toFixed(1));
const text = (x, y, words, { kind = '', anchor = 'start' } = {}) =>
  `<text x="${at(x)}" y="${at(y)}" class="${kind}" text-anchor="${anchor}">${toXml(words)}</text>`;
const kindOf = (name) => (name === 'agent' ? 'ours' : 'peer');

/** Three figures that matter, whatever the size. */
const show = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(value < 1 ? 2 : 3));

/** A panel of bars from zero; `rows` are `{name, value, to}`, where `to` is the end of a thin mark, such as a p99. */
function drawBars({ x, y, title, note, rows, format }) {
  const most = Math.max(...rows.map(({ value, to = 0 }) => Math.max(value, to)));
  const scale = (PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH) / most;
  const bars = rows.flatMap(({ name, value, to }, index) => {
    const [left, top] = [x + LABEL_WIDTH, y + HEAD + index * ROW];
    const width = Math.max(1, value * scale);
    const end = Math.max(width, (to ?? 0) * scale);
    const mark =
      to === undefined
        ? []
        : [
            `<rect x="${at(left)}" y="${at(top + 7)}" width="${at(to * scale)}" height="2" class="${kindOf(name)}"/>`,
          ];
    return [
      text(left - 8, top + 13, CONTESTANTS[name], { anchor: 'end' }),
      `<rect x="${at(left)}" y="${at(top)}" width="${at(width)}" height="16" class="${kindOf(name)}"/>`,
      ...mark,
      text(left + end + 6, top + 13, format({ value, to })),
    ];
  });
  return [text(x, y + 16, title, { kind: 'title' }), text(x, y + 34, note, { kind: 'soft' }), ...bars];
}

/** Lines over the number of files, both axes logarithmic, each named at its end. */
function drawGrowth({ x, y, width, height, counts, lines }) {
  const values = lines.flatMap((line) => line.values);
  const [low, high] = [
    10 ** Math.floor(Math.log10(Math.min(...values))),
    10 ** Math.ceil(Math.log10(Math.max(...values))),
  ];
  const left = x + 50;
  const right = x + width - 190;
  const [top, bottom] = [y + HEAD, y + height - 26];
  const toX = (count) =>
    left +
    ((Math.log10(count) - Math.log10(counts[0])) / Math.log10(counts.at(-1) / counts[0])) * (right - left);
  const toY = (value) => bottom - (Math.log10(value / low) / Math.log10(high / low)) * (bottom - top);
  const decades = Array.from(
    { length: Math.round(Math.log10(high / low)) + 1 },
    (_, index) => low * 10 ** index,
  );
  // Names that would lie on each other are moved apart.
  const ends = lines
    .map((line) => ({ ...line, y: toY(line.values.at(-1)) }))
    .sort((one, other) => one.y - other.y);
  for (const [index, end] of ends.entries()) {
    if (index > 0) end.y = Math.max(end.y, ends[index - 1].y + 15);
  }
  return [
    text(x, y + 16, 'CPU of a look at an unchanged source, by number of files', { kind: 'title' }),
    text(x, y + 34, 'ms, both axes logarithmic', { kind: 'soft' }),
    ...decades.flatMap((value) => [
      `<line x1="${at(left)}" y1="${at(toY(value))}" x2="${at(right)}" y2="${at(toY(value))}" class="grid"/>`,
      text(left - 8, toY(value) + 4, value, { kind: 'soft', anchor: 'end' }),
    ]),
    ...counts.map((count) =>
      text(toX(count), bottom + 18, `${count} files`, { kind: 'soft', anchor: 'middle' }),
    ),
    ...lines.map(({ name, values: all, isDashed }) => {
      const points = all.map((value, index) => `${at(toX(counts[index]))},${at(toY(value))}`).join(' ');
      const dashes = isDashed === true ? ' stroke-dasharray="5 4"' : '';
      return `<polyline points="${points}" class="line ${kindOf(name)}"${dashes}/>`;
    }),
    ...ends.map(({ label, values: all, y: end }) => text(right + 8, end + 4, `${label} ${show(all.at(-1))}`)),
  ];
}

/** The plot of these results, as one SVG document. */
export function plot(data) {
  const beside = Object.entries(gatherBeside(data));
  const pick = (read, readEnd = () => undefined) =>
    beside
      .map(([name, facts]) => ({ name, value: read(facts), to: readEnd(facts) }))
      .filter(({ value }) => value !== undefined && value !== null);
  const panels = [
    {
      title: 'CPU of a look at an unchanged source',
      note: 'ms of user and system time',
      rows: pick(({ cpuMs }) => cpuMs),
      format: ({ value }) => show(value),
    },
    {
      title: 'Memory',
      note: 'MiB; resident, or the peak of a run',
      rows: pick(({ memoryMiB }) => memoryMiB),
      format: ({ value }) => value.toFixed(0),
    },
    {
      title: 'S3 requests of an idle gateway, a month',
      note: 'dollars; agent at its defaults, others every 2 s',
      rows: pick(dollarsOf),
      format: ({ value }) => `$${value.toFixed(2)}`,
    },
    {
      title: 'From the end of a sync to live files',
      note: 's, p50 and, thin, p99; every 2 s; consul-template: local files',
      rows: pick(
        ({ liveP50Ms }) => liveP50Ms && liveP50Ms / 1_000,
        ({ liveP99Ms }) => liveP99Ms && liveP99Ms / 1_000,
      ),
      format: ({ value, to }) => `${show(value)} / ${show(to)}`,
    },
  ].filter(({ rows }) => rows.length > 0);
  const panelHeight = HEAD + Object.keys(CONTESTANTS).length * ROW + 22;
  const drawn = panels.flatMap((panel, index) =>
    drawBars({
      ...panel,
      x: MARGIN + (index % 2) * (PANEL_WIDTH + MARGIN),
      y: MARGIN + Math.floor(index / 2) * panelHeight,
    }),
  );
  const lines = beside.flatMap(([name, { growthMs, listingMs }]) => [
    ...(growthMs === undefined
      ? []
      : [{ name, label: name === 'agent' ? 'agent, manifest' : CONTESTANTS[name], values: growthMs }]),
    ...(listingMs === undefined
      ? []
      : [{ name, label: 'agent, listing', values: listingMs, isDashed: true }]),
  ]);
  const y = MARGIN + Math.ceil(panels.length / 2) * panelHeight;
  const growthHeight = lines.length === 0 ? 0 : 250;
  const growth =
    lines.length === 0
      ? []
      : drawGrowth({
          x: MARGIN,
          y,
          width: WIDTH - 2 * MARGIN,
          height: growthHeight,
          counts: [10, 100, 1_000],
          lines,
        });
  const height = y + growthHeight + MARGIN + 14;
  const { run } = data;
  const foot = `${run.at} · agent ${run.agent} · Node ${run.node} · ${run.machine}${run.shortened === '' ? '' : ' · a short trial'}`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="The gateway beside its peers">`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${height}" rx="8" class="back"/>`,
    ...drawn,
    ...growth,
    text(MARGIN, height - 14, foot, { kind: 'soft' }),
    '</svg>',
  ].join('\n')}\n`;
}
