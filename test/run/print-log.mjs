#!/usr/bin/env node
// Reads the agent's JSON log lines from a pipe and prints them for people: the sentence first, what belongs to it
// indented below. Lines that are no JSON (the engine's own) pass through, marked as such.
//
//   gateway-agent | node test/run/print-log.mjs

import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

const WARN = 40;
const DEBUG = 20;
const HIDDEN = ['level', 'time', 'pid', 'hostname', 'msg', 'event', 'cycleId', 'name', 'version'];
const isHexDigest = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

const formatTime = (time) => new Date(time).toTimeString().slice(0, 8);

function formatValue(value) {
  if (isHexDigest(value)) return value.slice(0, 8);
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(formatValue).join(' ');
  return JSON.stringify(value);
}

const isIssue = (value) => typeof value?.code === 'string' && typeof value?.path === 'string';

function formatIssue({ severity = 'error', code, path, line, column, message, hint }) {
  const place = line === null || line === undefined ? path : `${path}:${line}:${column}`;
  return [`${severity}  ${code}  ${place}  ${message}`, ...(hint ? [`  ${hint}`] : [])];
}

function formatField([name, value]) {
  if (Array.isArray(value) && value.length > 0 && value.every(isIssue)) return value.flatMap(formatIssue);
  if (Array.isArray(value) && value.some((entry) => String(entry).length > 60)) {
    return [`${name}:`, ...value.map((entry) => `  ${formatValue(entry)}`)];
  }
  return null;
}

/** The lines that a person reads for one line of the log; none for what is not worth a line. */
export function formatLogLine(line, { hasColour }) {
  const paint = (style, text) => (hasColour ? styleText(style, text) : text);
  if (!line.startsWith('{')) return line.trim() === '' ? [] : [paint('dim', `          engine | ${line}`)];
  const entry = JSON.parse(line);
  if (entry.level <= DEBUG) return [];
  const fields = Object.entries(entry).filter(
    ([name, value]) => !HIDDEN.includes(name) && value !== null && value !== '' && String(value) !== '',
  );
  const blocks = fields.map(formatField).filter((block) => block !== null);
  const short = fields
    .filter((field) => formatField(field) === null)
    .map(([name, value]) => `${name} ${formatValue(value)}`);
  const style = entry.level > WARN ? 'red' : entry.level === WARN ? 'yellow' : 'bold';
  const head = `${formatTime(entry.time)}  ${paint(style, entry.msg)}`;
  const inline = short.join(' · ');
  const isFitting = inline.length + entry.msg.length < 90;
  return [
    inline !== '' && isFitting ? `${head}  ${paint('dim', inline)}` : head,
    ...(isFitting ? [] : short.map((text) => `          ${paint('dim', text)}`)),
    ...blocks.flat().map((text) => `          ${text}`),
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
