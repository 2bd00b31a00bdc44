import type { CodeEntry } from '../../core/gate/codes/entry.ts';
import { CODES } from '../../core/gate/codes.ts';
import type { Issue } from '../../core/issue.ts';
import { printable } from '../print.ts';
import { locateUri } from './location.ts';
import type { Report } from './report.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
const RULES = Object.entries(CODES);
const INDEX = new Map(RULES.map(([code], index) => [code, index]));

/** SARIF 2.1.0: one run, a rule for every code, a result for every finding. */
export function formatSarif({ judged, schemas, version }: Report): string {
  const driver = { name: 'gatewayctl', version, rules: RULES.map(describeRule) };
  const results = [schemas, ...judged].flatMap(({ directory, issues }) =>
    issues.map((issue) => describeResult(directory, issue)),
  );
  const run = { tool: { driver }, columnKind: 'utf16CodeUnits', results };
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, null, 2)}\n`;
}

function describeRule([id, { severity, meaning, example, remedy }]: readonly [string, CodeEntry]) {
  const text = `${capitalize(meaning)}. What to do: ${remedy}.`;
  return {
    id,
    shortDescription: { text: `${capitalize(meaning)}.` },
    help: { text, markdown: `${text}\n\nFor example:\n\n${toBlock(example)}\n` },
    defaultConfiguration: { level: severity },
  };
}

function describeResult(directory: string, issue: Issue) {
  const { code, severity, path, line, column, message, hint } = issue;
  const index = INDEX.get(code);
  const region = line === 0 ? {} : { region: { startLine: line, startColumn: column } };
  return {
    ruleId: code,
    ...(index === undefined ? {} : { ruleIndex: index }),
    level: severity,
    message: { text: `${printable(message)}\n${printable(hint)}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: locateUri(directory, path) }, ...region } }],
  };
}

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
/** A code block of Markdown. */
const toBlock = (text: string) =>
  text
    .split('\n')
    .map((line) => `    ${printable(line)}`)
    .join('\n');
