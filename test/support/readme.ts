import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

/** The text of every file of the agent. */
export const AGENT_SOURCES: readonly string[] = readdirSync('agent', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(path.join('agent', file), 'utf8'));

/** The rows of the table below that header, cell by cell. */
export function readTable(header: string, document = 'README.md'): string[][] {
  const lines = readFileSync(document, 'utf8').split('\n');
  const start = lines.indexOf(header);
  expect(start, `${document} has no table ${header}`).toBeGreaterThan(-1);
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end === -1 ? undefined : end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
