import path from 'node:path';

/** A source file by its path from the project's root. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** Composition roots and the settings: the only places that see the environment and wire packages together. */
const ROOTS = [
  'agent/main.ts',
  'agent/daemon.ts',
  'agent/daemon-beside.ts',
  'agent/ctl.ts',
  'agent/settings.ts',
];

/** Node modules that compute and touch nothing outside: allowed to the CLI's commands. */
const PURE_NODE = ['node:path', 'node:util', 'node:url'];

/** Packages that only make text for a terminal: allowed to the CLI's commands. */
const TERMINAL_PACKAGES = ['chalk', 'cli-progress', 'cli-table3', 'commander', 'log-update'];

/** Files over the limit of lines, each with its reason. */
export const LONG_FILES: Readonly<Record<string, string>> = {};
const MAX_LINES = 250;

interface Layer {
  readonly isMember: (file: string) => boolean;
  /** Own files by prefix. */
  readonly own: readonly string[];
  readonly isPackageAllowed: (name: string) => boolean;
}

const anything = () => true;
const nothing = () => false;
const under = (prefix: string) => (file: string) => file.startsWith(prefix);

// The first layer that a file is a member of holds.
const LAYERS: readonly Layer[] = [
  { isMember: under('agent/core/'), own: ['agent/core/'], isPackageAllowed: nothing },
  {
    isMember: (file) => file === 'agent/ports.ts' || file.startsWith('agent/ports/'),
    own: ['agent/core/', 'agent/ports'],
    isPackageAllowed: nothing,
  },
  {
    isMember: under('agent/app/'),
    own: ['agent/core/', 'agent/app/', 'agent/ports'],
    isPackageAllowed: nothing,
  },
  {
    isMember: under('agent/adapters/'),
    own: ['agent/core/', 'agent/adapters/', 'agent/ports'],
    isPackageAllowed: anything,
  },
  {
    isMember: under('agent/cli/'),
    own: ['agent/'],
    isPackageAllowed: (name) => PURE_NODE.includes(name) || TERMINAL_PACKAGES.includes(name),
  },
  { isMember: (file) => ROOTS.includes(file), own: ['agent/'], isPackageAllowed: anything },
  { isMember: under('agent/'), own: [], isPackageAllowed: nothing },
];

const IMPORTS = [
  /^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]/g,
  /\brequire\(\s*['"]([^'"]+)['"]/g,
];

/** What a file imports, as written. */
export function listImports(text: string): string[] {
  return IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''));
}

const LITERALS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** The code without comments and texts; what is interpolated into a template stays. */
export function stripText(text: string): string {
  return text.replace(LITERALS, (literal) =>
    literal.startsWith('`') ? [...literal.matchAll(/\$\{([^}]*)\}/g)].map((part) => part[1]).join(' ') : ' ',
  );
}

const resolveImport = (file: string, name: string): string =>
  path.posix.normalize(path.posix.join(path.posix.dirname(file), name));

function findImportFaults({ path: file, text }: SourceText): string[] {
  const layer = LAYERS.find(({ isMember }) => isMember(file));
  if (layer === undefined) return [];
  return listImports(text).flatMap((name) => {
    if (!name.startsWith('.')) {
      return layer.isPackageAllowed(name) ? [] : [`${file}: must not import the package ${name}`];
    }
    const target = resolveImport(file, name);
    // A type-only import of JSON or of tests would leave the layers just the same, so there is no exception.
    return layer.own.some((prefix) => target.startsWith(prefix))
      ? []
      : [`${file}: must not import ${target}`];
  });
}

const IMPURE: readonly [RegExp, string][] = [
  // Calculating with `new Date(at)` and `Date.parse` is pure; asking what time it is is not.
  [/(?<![.\w])Date\b(?!\s*\.\s*(?:parse|UTC)\b)(?<!new\s+Date(?=\s*\(\s*[^)\s]))/, 'the clock'],
  [/\bMath\s*\.\s*random\b/, 'Math.random'],
  [/(?<![.\w])process\b(?!\s*[:?])/, 'process'],
  [
    /(?<![.\w])(?:performance|globalThis|fetch|setTimeout|setInterval|setImmediate|crypto)\b(?!\s*[:?])/,
    'a global',
  ],
];

function findImpurities({ path: file, text }: SourceText): string[] {
  if (!file.startsWith('agent/core/')) return [];
  const code = stripText(text);
  return IMPURE.filter(([pattern]) => pattern.test(code)).map(
    ([, name]) => `${file}: core must not use ${name}`,
  );
}

/** Found by the soak: each call leaves something behind in a signal that lives as long as the agent. */
function findJoinedSignals({ path: file, text }: SourceText): string[] {
  const isUsed = file.startsWith('agent/') && /\bAbortSignal\s*\.\s*any\b/.test(stripText(text));
  return isUsed ? [`${file}: AbortSignal.any leaks, joinSignals of agent/core/join-signals.ts does not`] : [];
}

function findEnvironment({ path: file, text }: SourceText): string[] {
  if (!file.startsWith('agent/') || ROOTS.includes(file)) return [];
  const code = stripText(text);
  return ['env', 'exit', 'argv']
    .filter((name) => new RegExp(`\\bprocess\\s*\\.\\s*${name}\\b`).test(code))
    .map((name) => `${file}: process.${name} belongs to ${ROOTS.join(', ')}`);
}

function findDefaultExport({ path: file, text }: SourceText): string[] {
  const isConfiguration = /^test\/vitest\.[\w.]*config\.ts$/.test(file);
  const isFault = !isConfiguration && /^\s*export\s+default\b|\bas\s+default\s*[,}]/m.test(stripText(text));
  return isFault ? [`${file}: no default exports`] : [];
}

const TEST_FAULTS: readonly [RegExp, string][] = [
  [/\bvi\s*\.\s*(?:do)?mock\s*\(/i, 'mocks a module: a port is missing'],
  [/\b(?:describe|it|test)(?:\s*\.\s*\w+)*\s*\.\s*only\b/, 'runs only itself'],
  [/\b(?:describe|it|test)(?:\s*\.\s*\w+)*\s*\.\s*(?:skip|todo|fails|skipIf|runIf)\b/, 'does not run'],
];

/** What only root can do is tested where there is root (CI is), and named as skipped elsewhere. */
const ONLY_ROOT = /\.\s*runIf\(process\.getuid\?\.\(\) === 0\)/g;

function findTestFaults({ path: file, text }: SourceText): string[] {
  if (!file.startsWith('test/')) return [];
  const code = stripText(text).replace(ONLY_ROOT, '');
  return TEST_FAULTS.filter(([pattern]) => pattern.test(code)).map(([, what]) => `${file}: ${what}`);
}

function findLength({ path: file, text }: SourceText): string[] {
  const lineCount = text.trimEnd().split('\n').length;
  const isFault = file.startsWith('agent/') && lineCount > MAX_LINES && LONG_FILES[file] === undefined;
  return isFault ? [`${file}: ${lineCount} lines, more than ${MAX_LINES} and no reason given`] : [];
}

/** Everything in a file that breaks the rules of the code, one sentence each. */
export function findFaults(source: SourceText): string[] {
  return [
    findImportFaults,
    findImpurities,
    findEnvironment,
    findJoinedSignals,
    findDefaultExport,
    findTestFaults,
    findLength,
  ].flatMap((find) => find(source));
}

/**
 * At least one way around each knot of files that import each other. Types and late imports count too: who reads one
 * of the files has to read the others, whatever is loaded when.
 */
export function findCircles(sources: readonly SourceText[]): string[] {
  const importsOf = new Map(
    sources.map(({ path: file, text }) => {
      const own = listImports(text).filter((name) => name.startsWith('.'));
      return [file, own.map((name) => resolveImport(file, name))];
    }),
  );
  const circles: string[] = [];
  const visited = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    const beganAt = way.indexOf(file);
    if (beganAt !== -1) circles.push([...way.slice(beganAt), file].join(' imports '));
    if (visited.has(file)) return;
    visited.add(file);
    for (const next of importsOf.get(file) ?? []) visit(next, [...way, file]);
  };
  for (const file of importsOf.keys()) visit(file, []);
  return circles;
}
