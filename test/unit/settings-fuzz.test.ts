/** Settings come from files, environments and command lines that anybody may have written: what is wrong is said. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentError } from '../../agent/core/errors.ts';
import { type LocalSettings, loadLocalSettings, SETTINGS_TABLE } from '../../agent/settings.ts';
import { runCli } from '../support/cli.ts';

type Loaded = { readonly settings: LocalSettings } | { readonly problems: readonly string[] };

function load(options: {
  readonly file?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
}): Loaded {
  const { file = '{}', env = {}, flags = {} } = options;
  try {
    return { settings: loadLocalSettings({ file: '/agent.json', env, flags, readFile: () => file }) };
  } catch (error) {
    // Anything else is a bug, and fails the property.
    if (!(error instanceof AgentError) || error.code !== 'SETTINGS_INVALID') throw error;
    return { problems: error.fields.problems as readonly string[] };
  }
}

/** Either settings, or problems that a person can read: a line each, of some length, without control characters. */
function expectSettingsOrProblems(loaded: Loaded): void {
  if ('settings' in loaded) {
    expect(Object.isFrozen(loaded.settings)).toBe(true);
    return;
  }
  expect(loaded.problems.length).toBeGreaterThan(0);
  for (const problem of loaded.problems) {
    expect(problem).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(problem.length).toBeLessThan(1_000);
  }
}

const KEYS = SETTINGS_TABLE.map(({ key }) => key);
const NASTY = [
  '__proto__',
  'constructor',
  'toString',
  'source.__proto__',
  '',
  '.',
  'source.',
  'paths..run',
  '\u001b[2J',
];
const keys = fc.oneof(fc.constantFrom(...KEYS, ...NASTY), fc.string({ unit: 'binary', maxLength: 30 }));
const values = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '0s',
    '-1s',
    '1e3s',
    '999999999999999h',
    '64MiB',
    '0B',
    '9007199254740993GiB',
    '/',
    '/../x',
    'file:///',
  ),
  fc.constantFrom(
    's3://a',
    's3://../x',
    'http://127.0.0.1:99999',
    '127.0.0.1:0',
    'off',
    '[]',
    '[1]',
    'null',
    '\u0000',
  ),
);

describe('whatever the settings hold, there are settings or problems, and nothing else', () => {
  it('in the text of the file', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.json()), (file) =>
        expectSettingsOrProblems(load({ file })),
      ),
    );
  });

  it('in its values, dotted and nested', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, values), { maxLength: 6 }), fc.boolean(), (entries, isNested) => {
        const flat = Object.fromEntries(entries);
        const nested: Record<string, unknown> = {};
        for (const [key, value] of entries) {
          const [group = '', name] = key.split('.');
          nested[group] = name === undefined ? value : { [name]: value };
        }
        expectSettingsOrProblems(load({ file: JSON.stringify(isNested ? nested : flat) }));
      }),
      { numRuns: 500 },
    );
  });

  it('in the environment and in flags', () => {
    const texts = values.map((value) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')));
    const variables = fc.constantFrom(...SETTINGS_TABLE.map(({ env }) => env));
    fc.assert(
      fc.property(
        fc.dictionary(variables, texts, { maxKeys: 5 }),
        fc.dictionary(keys, texts, { maxKeys: 5 }),
        (env, flags) => expectSettingsOrProblems(load({ env, flags })),
      ),
      { numRuns: 500 },
    );
  });

  it('where an object stands for a value', () => {
    expect(load({ file: '{"source": {"limits": {"files": {"": 1}}}}' })).toEqual({
      problems: ['source.limits.files (/agent.json:1): expected a whole number above 0, found {"":1}'],
    });
    expect(load({ env: { GATEWAY_CONNECTORS: '{"":[]}' } })).toEqual({
      problems: [expect.stringMatching(/^gate\.connectors \(environment .*found "\{\\"\\":\[\]\}"$/)],
    });
  });

  it('with a file that is nested a hundred thousand times', () => {
    expectSettingsOrProblems(load({ file: `{"source":${'['.repeat(100_000)}${']'.repeat(100_000)}}` }));
    expectSettingsOrProblems(load({ file: `${'{"source":'.repeat(100_000)}1${'}'.repeat(100_000)}` }));
  });
});

it('a wrong setting cannot move the cursor of whoever reads of it', async () => {
  const { stderr, exitCode } = await runCli(['status', '--set', 'source.group=\u001b[2J\u009b2Jx y']);
  expect(exitCode).toBe(78);
  expect(stderr.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
