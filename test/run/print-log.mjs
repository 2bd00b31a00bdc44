#!/usr/bin/env node
// Reads the agent's JSON log lines from a pipe and prints them for people: the sentence first, what belongs to it
// indented below. Lines that are no log lines pass through, marked as such.
//
//   gateway-agent | node test/run/print-log.mjs

import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

const STYLES = { info: 'bold', warn: 'yellow', error: 'red' };
/** Fields that say nothing to a person at a terminal. */
const HIDDEN = [
  'level',
  'time',
  'msg',
  'event',
  'version',
  'engine',
  'run',
  'source',
  'wakeAt',
  'durationMs',
  // With a stack; the sentence says what failed.
  'err',
];

const EVENT_WIDTH = 19;
const INDENT = ' '.repeat('12:34:56'.length + 2 + EVENT_WIDTH + 2);

const formatTime = (time) => new Date(time).toTimeString().slice(0, 8);

function formatValue(value) {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(formatValue).join(' ');
  return JSON.stringify(value);
}

const isIssue = (value) => typeof value?.code === 'string' && typeof value?.path === 'string';

function formatIssue({ severity = 'error', code, path, line, column, message, hint }) {
  const place = line === null || line === undefined ? path : `${path}:${line}:${column}`;
  return [`${severity}  ${code}  ${place}  ${message}`, ...(hint ? [`  ${hint}`] : [])];
}

/** Findings and long lists get lines of their own; null for what fits beside the sentence. */
function formatBlock([name, value]) {
  if (!Array.isArray(value) || value.length === 0) return null;
  if (value.every(isIssue)) return value.flatMap(formatIssue);
  return value.some((entry) => String(entry).length > 40)
    ? [`${name}:`, ...value.map((entry) => `  ${formatValue(entry)}`)]
    : null;
}

const isEmpty = (value) => value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** The lines that a person reads for one line of the log; none for what is not worth a line. */
export function formatLogLine(line, { hasColour }) {
  const paint = (style, text) => (hasColour && style !== undefined ? styleText(style, text) : text);
  if (!/^\{.*"event":.*\}$/.test(line)) return line.trim() === '' ? [] : [paint('dim', `${INDENT}| ${line}`)];
  const entry = JSON.parse(line);
  if (entry.level === 'debug') return [];
  const fields = Object.entries(entry).filter(([name, value]) => !HIDDEN.includes(name) && !isEmpty(value));
  const blocks = fields.flatMap((field) => formatBlock(field) ?? []);
  const beside = fields
    .filter((field) => formatBlock(field) === null)
    .map(([name, value]) => `${name} ${formatValue(value)}`)
    .join(' · ');
  const event = entry.event.padEnd(EVENT_WIDTH);
  return [
    `${formatTime(entry.time)}  ${paint(STYLES[entry.level], event)}  ${entry.msg}`,
    ...(beside === '' ? [] : [paint('dim', `${INDENT}${beside}`)]),
    ...blocks.map((text) => `${INDENT}${text}`),
  ];
}

/** Prints every line of `input` to `output` until it ends. */
export async function printLog({ input, output }) {
  const hasColour = output.isTTY === true && process.env.NO_COLOR === undefined;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    for (const text of formatLogLine(line, { hasColour })) output.write(`${text}\n`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await printLog({ input: process.stdin, output: process.stdout });
}
