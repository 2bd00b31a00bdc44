import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCircles, findFaults, LONG_FILES, type SourceText } from '../support/architecture.ts';

const listSources = (root: string): SourceText[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|cjs)$/.test(entry.name))
    .map((entry) => path.posix.join(entry.parentPath, entry.name))
    .map((file) => ({ path: file, text: readFileSync(file, 'utf8') }));

const SOURCES = [...listSources('agent'), ...listSources('test')];

// Written in pieces, so that this very file does not break the rules that it tests.
const call = (...names: string[]) => `${names.join('.')}('x', () => {});`;

describe('a file that breaks a rule is named', () => {
  it.each([
    ['core imports node:', 'agent/core/a.ts', "import { readFile } from 'node:fs/promises';"],
    ['core imports a package', 'agent/core/a.ts', "import convict from 'convict';"],
    [
      'core imports only a type of a package',
      'agent/core/a.ts',
      "import type { S3Client } from '@aws-sdk/client-s3';",
    ],
    ['core imports app', 'agent/core/a.ts', "import { x } from '../app/cycle.ts';"],
    ['core imports the ports', 'agent/core/a.ts', "import type { Clock } from '../ports.ts';"],
    [
      'core imports over several lines',
      'agent/core/a.ts',
      "import {\n  a,\n  b,\n} from '../adapters/a.ts';",
    ],
    ['core re-exports from outside', 'agent/core/a.ts', "export { x } from '../adapters/a.ts';"],
    ['core imports for the effect', 'agent/core/a.ts', "import '../adapters/a.ts';"],
    ['core imports late', 'agent/core/a.ts', "const x = await import('node:fs');"],
    ['core reads the clock', 'agent/core/a.ts', 'const now = Date.now();'],
    ['core makes a date', 'agent/core/a.ts', 'const now = new Date();'],
    ['core reads the clock inside a template', 'agent/core/a.ts', `const text = \`at \${Date.now()}\`;`],
    ['core rolls dice', 'agent/core/a.ts', 'const x = Math.random();'],
    ['core looks at process', 'agent/core/a.ts', 'const x = process.platform;'],
    ['core waits', 'agent/core/a.ts', 'setTimeout(f, 10);'],
    ['the ports import an adapter', 'agent/ports.ts', "import type { X } from './adapters/x.ts';"],
    ['app imports an adapter', 'agent/app/a.ts', "import { x } from '../adapters/x.ts';"],
    ['app imports node:', 'agent/app/a.ts', "import path from 'node:path';"],
    ['app imports a package', 'agent/app/a.ts', "import { pino } from 'pino';"],
    ['an adapter imports app', 'agent/adapters/a.ts', "import { x } from '../app/x.ts';"],
    ['an adapter imports the CLI', 'agent/adapters/a.ts', "import { x } from '../cli/x.ts';"],
    ['a command imports node: for I/O', 'agent/cli/a.ts', "import { readFile } from 'node:fs/promises';"],
    ['a command imports the SDK', 'agent/cli/a.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['main imports from the tests', 'agent/main.ts', "import { x } from '../test/support/rig.ts';"],
    ['a file at the top imports a package', 'agent/other.ts', "import { pino } from 'pino';"],
    ['an adapter reads the environment', 'agent/adapters/a.ts', 'const x = process.env.HOME;'],
    ['a signal is joined so that it leaks', 'agent/app/a.ts', 'const s = AbortSignal.any([a, b]);'],
    ['a command ends the process', 'agent/cli/a.ts', 'process.exit(1);'],
    ['a default export', 'agent/adapters/a.ts', 'export default function x() {}'],
    ['a default export by name', 'agent/adapters/a.ts', 'export { x as default };'],
    ['a test mocks a module', 'test/unit/a.test.ts', call('vi', 'mock')],
    ['a test that runs alone', 'test/unit/a.test.ts', call('it', 'only')],
    ['a table that runs alone', 'test/unit/a.test.ts', call('it', 'only', 'each')],
    ['a test that does not run', 'test/unit/a.test.ts', call('describe', 'skip')],
    ['a test that is only a plan', 'test/unit/a.test.ts', call('test', 'todo')],
    ['a test that runs on some machines', 'test/unit/a.test.ts', call('it', 'runIf')],
    ['a file of 251 lines', 'agent/adapters/a.ts', 'x;\n'.repeat(251)],
  ])('%s', (_title, file, text) => {
    expect(findFaults({ path: file, text })).toEqual([expect.stringContaining(file)]);
  });
});

describe('what is allowed is not named', () => {
  it.each([
    ['core imports core', 'agent/core/a.ts', "import { x } from './x.ts';\nimport { y } from './plan/y.ts';"],
    ['core speaks of a process', 'agent/core/a.ts', "// the process\nconst x = 'process.env at Date';"],
    ['core has a field of that name', 'agent/core/a.ts', 'const x = { process: 1 };\nf(x.process);'],
    ['an exported text is no import', 'agent/core/a.ts', "export type X = 'node:fs';"],
    ['app imports ports and core', 'agent/app/a.ts', "import type { Clock } from '../ports.ts';"],
    [
      'an adapter imports node: and packages',
      'agent/adapters/a.ts',
      "import fs from 'node:fs';\nimport { pino } from 'pino';",
    ],
    ['a command colours', 'agent/cli/a.ts', "import chalk from 'chalk';\nimport path from 'node:path';"],
    ['main reads the environment', 'agent/main.ts', 'const x = process.env;\nprocess.exit(1);'],
    ['a vitest configuration', 'test/vitest.config.ts', 'export default defineConfig({});'],
    ['a test that needs root', 'test/a.test.ts', `test.${'runIf'}(process.getuid?.() === 0)('x', f);`],
    ['a file of 250 lines', 'agent/adapters/a.ts', 'x;\n'.repeat(250)],
  ])('%s', (_title, file, text) => {
    expect(findFaults({ path: file, text })).toEqual([]);
  });
});

describe('files that import each other in a circle are named', () => {
  it.each<[title: string, texts: Record<string, string>, circle: string]>([
    [
      'two for their values',
      { 'agent/app/a.ts': "import { b } from './b.ts';", 'agent/app/b.ts': "import { a } from './a.ts';" },
      'agent/app/a.ts imports agent/app/b.ts imports agent/app/a.ts',
    ],
    [
      'one of the two for a type only',
      {
        'agent/app/a.ts': "import { b } from './b.ts';",
        'agent/app/b.ts': "import type { A } from './a.ts';",
      },
      'agent/app/a.ts imports agent/app/b.ts imports agent/app/a.ts',
    ],
    [
      'one of the two late',
      { 'agent/cli/a.ts': "await import('./b.ts');", 'agent/cli/b.ts': "import type { A } from './a.ts';" },
      'agent/cli/a.ts imports agent/cli/b.ts imports agent/cli/a.ts',
    ],
    [
      'three over two directories, which a fourth leads to',
      {
        'agent/core/top.ts': "import { a } from './x/a.ts';",
        'agent/core/x/a.ts': "import { b } from './b.ts';",
        'agent/core/x/b.ts': "export { c } from '../c.ts';",
        'agent/core/c.ts': "import { d } from './d.ts';\nimport { a } from './x/a.ts';",
        'agent/core/d.ts': '',
      },
      'agent/core/x/a.ts imports agent/core/x/b.ts imports agent/core/c.ts imports agent/core/x/a.ts',
    ],
  ])('%s', (_title, texts, circle) => {
    const sources = Object.entries(texts).map(([file, text]) => ({ path: file, text }));
    expect(findCircles(sources)).toEqual([circle]);
  });

  it('a file that two ways lead to is none', () => {
    const sources = [
      { path: 'agent/app/a.ts', text: "import { b } from './b.ts';\nimport { c } from './c.ts';" },
      { path: 'agent/app/b.ts', text: "import { c } from './c.ts';" },
      { path: 'agent/app/c.ts', text: "import { now } from 'somewhere';" },
    ];
    expect(findCircles(sources)).toEqual([]);
  });

  it('an import that leads back up among the files of this project', () => {
    const sources = SOURCES.map(({ path: file, text }) => ({
      path: file,
      text: file === 'agent/core/types.ts' ? `import type { Plan } from './actions.ts';\n${text}` : text,
    }));
    expect(findCircles(sources).join('\n')).toContain('agent/core/types.ts imports agent/core/actions.ts');
  });
});

it('no files of this project import each other in a circle', () => {
  expect(findCircles(SOURCES)).toEqual([]);
});

it('no file of this project breaks a rule', () => {
  expect(SOURCES.map((source) => source.path)).toContain('agent/core/types.ts');
  expect(SOURCES.flatMap(findFaults)).toEqual([]);
});

it('every long file that is excused is there and still long', () => {
  const lineCounts = Object.keys(LONG_FILES).map((file) => readFileSync(file, 'utf8').split('\n').length);
  expect(lineCounts.filter((count) => count <= 250)).toEqual([]);
});
