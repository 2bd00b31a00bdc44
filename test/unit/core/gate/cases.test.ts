import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDirectory } from '../../../../agent/cli/read-directory.ts';
import { CODES } from '../../../../agent/core/gate/codes.ts';
import { gate } from '../../../../agent/core/gate/gate.ts';
import type { Issue } from '../../../../agent/core/issue.ts';

// Each folder is an input as it could lie in a source, and all that is said about it. A new expectation is written by
// hand, or taken over from the message of the failing test and read.
const ROOT = 'test/cases/gate';
const CONNECTORS = ['datomic', 'tpch', 'memory'];
const LIMITS = { fileSizeBytes: 2 ** 20, files: 500, totalBytes: 2 ** 24 };
const SECRET = /hunter2/;

const names = readdirSync(ROOT).sort();

async function judge(name: string): Promise<readonly Issue[]> {
  const { files, issues } = await readDirectory(path.join(ROOT, name, 'input'), LIMITS);
  return [...issues, ...gate(files, { connectors: CONNECTORS })];
}

describe('the gate', () => {
  it.each(names)('%s: finds exactly what is expected', async (name) => {
    const file = path.join(ROOT, name, 'expected-issues.json');
    const found = await judge(name);
    expect(existsSync(file), `${file} is missing; found ${JSON.stringify(found, null, 2)}`).toBe(true);
    expect(found).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });

  it('quotes no secret in any case', async () => {
    const messages = (await Promise.all(names.map(judge))).flat().map(({ message, hint }) => message + hint);
    expect(messages.filter((message) => SECRET.test(message))).toEqual([]);
  });

  it('gives each finding the severity of the table of codes', async () => {
    const issues = (await Promise.all(names.map(judge))).flat();
    const odd = issues.filter(
      ({ code, severity }) => CODES[code as keyof typeof CODES].severity !== severity,
    );
    expect(odd).toEqual([]);
  });
});
