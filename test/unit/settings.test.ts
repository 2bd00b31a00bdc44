import { describe, expect, it } from 'vitest';
import { AgentError } from '../../agent/core/errors.ts';
import {
  DEFAULT_SETTINGS_FILE,
  loadLocalSettings,
  loadSettings,
  SETTINGS_TABLE,
  type SettingsInput,
} from '../../agent/settings.ts';

const REQUIRED = { GATEWAY_SOURCE: 's3://acme-datomic', GATEWAY_SYSTEM: 'acme-prod' };

function input(options: {
  file?: string | object;
  env?: Record<string, string>;
  flags?: Record<string, string>;
}): SettingsInput {
  const { file, env = {}, flags = {} } = options;
  return {
    file: file === undefined ? null : '/agent.json',
    env,
    flags,
    readFile: (path) => {
      if (file === undefined)
        throw Object.assign(new Error(`no such file, open '${path}'`), { code: 'ENOENT' });
      return typeof file === 'string' ? file : JSON.stringify(file, null, 1);
    },
  };
}

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof AgentError && error.code === 'SETTINGS_INVALID')
      return error.fields.problems as string[];
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('without a file come from defaults, in milliseconds and bytes', () => {
    const settings = loadSettings(input({ env: REQUIRED }));
    expect(settings.source).toMatchObject({
      uri: 's3://acme-datomic',
      location: { kind: 's3-layout', bucket: 'acme-datomic' },
      group: 'auto',
      pollIntervalMs: 2_000,
      listIntervalMs: 30_000,
      settleMs: 15_000,
      settleDeletionsMs: 30_000,
      limits: { fileSizeBytes: 1024 ** 2, files: 500, totalBytes: 16 * 1024 ** 2 },
    });
    expect(settings.restart.proveFirstMs).toBe(900_000);
    expect(settings.analytics.listen).toEqual({ host: '127.0.0.1', port: 8989 });
    expect(settings.http.listen).toEqual({ host: '127.0.0.1', port: 8991 });
  });

  it('are frozen to the last leaf', () => {
    const settings = loadSettings(input({ env: REQUIRED }));
    expect(Object.isFrozen(settings.source.limits)).toBe(true);
    expect(Object.isFrozen(settings.gate.connectors)).toBe(true);
  });

  it('come from file, then environment, then flags; later wins', () => {
    const settings = loadSettings(
      input({
        file: { restart: { drain: '1s', stable: '1s', prove: '1s' } },
        env: { ...REQUIRED, GATEWAY_STABLE: '2s', GATEWAY_PROVE: '2s' },
        flags: { 'restart.prove': '3s' },
      }),
    );
    expect(settings.restart).toMatchObject({ drainMs: 1_000, stableMs: 2_000, proveMs: 3_000 });
  });

  it('take lists and counts from the environment as JSON', () => {
    const settings = loadSettings(
      input({
        env: {
          ...REQUIRED,
          GATEWAY_SUPERVISOR: 'child',
          GATEWAY_COMMAND: '["node","engine.cjs"]',
          GATEWAY_CONNECTORS: '["datomic","tpch"]',
          GATEWAY_LIMIT_FILES: '7',
        },
      }),
    );
    expect(settings.analytics.command).toEqual(['node', 'engine.cjs']);
    expect(settings.gate.connectors).toEqual(['datomic', 'tpch']);
    expect(settings.source.limits.files).toBe(7);
  });

  it('accept dotted keys and null for what has no default', () => {
    const file = { system: 'a', 'source.uri': 'file:///srv/etc', region: null };
    expect(loadSettings(input({ file })).source.location).toEqual({ kind: 'directory', path: '/srv/etc' });
  });

  it('count a variable that is set to nothing as not given', () => {
    expect(loadSettings(input({ env: { ...REQUIRED, GATEWAY_GROUP: '' } })).source.group).toBe('auto');
  });

  it('put the started copy of a child below paths.run', () => {
    const child = {
      ...REQUIRED,
      GATEWAY_SUPERVISOR: 'child',
      GATEWAY_COMMAND: '["x"]',
      GATEWAY_RUN_DIR: '/r',
    };
    expect(loadSettings(input({ env: child })).paths.started).toBe('/r/started');
    expect(loadSettings(input({ env: REQUIRED })).paths.started).toBe('/run/datomic-analytics/started');
  });

  it('wrong in three places are named all at once, each with place, expected and found', () => {
    const problems = problemsOf(() =>
      loadSettings(
        input({
          file: '{\n "restart": {"drain": "1 minute"},\n "gate": {"exposre": "hold"}\n}',
          env: { ...REQUIRED, GATEWAY_POLL_INTERVAL: '2' },
        }),
      ),
    );
    expect(problems).toEqual([
      'gate.exposre (/agent.json:3): no such setting; did you mean gate.exposure?',
      'source.pollInterval (environment variable GATEWAY_POLL_INTERVAL): expected a duration such as 500ms, 2s, 5m or 1h, longer than nothing, at most 500h, found "2"',
      'restart.drain (/agent.json:2): expected a duration such as 500ms, 2s, 5m or 1h, at most 500h, found "1 minute"',
    ]);
  });

  it.each([
    ['no source at all', {}, 'source.uri: required'],
    [
      'an S3 source without system',
      { env: { GATEWAY_SOURCE: 's3://bucket' } },
      'system: required with an S3 source',
    ],
    [
      'a child without command',
      { env: { ...REQUIRED, GATEWAY_SUPERVISOR: 'child' } },
      'analytics.command: required',
    ],
    [
      'a prefix without its slash',
      { env: { ...REQUIRED, GATEWAY_SOURCE: 's3://bucket/a' } },
      's3://bucket/a/',
    ],
    ['a relative directory', { env: { GATEWAY_SOURCE: 'file://etc' } }, 'three slashes'],
    ['a source of no known kind', { env: { GATEWAY_SOURCE: 'git://x' } }, 'expected s3://BUCKET'],
    ['an unknown key', { file: { sources: 1 }, env: REQUIRED }, 'sources (/agent.json:2): no such setting'],
    [
      'a value where settings belong',
      { file: { paths: '/x' }, env: REQUIRED },
      'expected an object with settings below it',
    ],
    [
      'a key given twice',
      { file: '{"system":"a","system":"b"}', env: REQUIRED },
      'stands there more than once',
    ],
    ['a file that is no JSON', { file: '{\n"system":\n}' }, '/agent.json:3: is not JSON'],
    ['a file that is no object', { file: '[]' }, '/agent.json:1: expected one JSON object'],
    [
      'a list that is no JSON',
      { env: { ...REQUIRED, GATEWAY_CONNECTORS: 'datomic' } },
      'expected a JSON array',
    ],
    ['an empty list', { env: { ...REQUIRED, GATEWAY_CONNECTORS: '[]' } }, 'not empty'],
    ['a count with a unit', { env: { ...REQUIRED, GATEWAY_LIMIT_FILES: '5k' } }, 'a whole number above 0'],
    ['a size without unit', { env: { ...REQUIRED, GATEWAY_LIMIT_TOTAL: '16' } }, 'a size such as'],
    ['a number as duration', { file: { restart: { drain: 5 } }, env: REQUIRED }, 'found 5'],
    ['an unknown supervisor', { env: { ...REQUIRED, GATEWAY_SUPERVISOR: 'runit' } }, '"systemd" or "child"'],
    [
      'an unknown placeholder',
      { env: { ...REQUIRED, GATEWAY_CLIENT_ENDPOINT: 'http://{x}/' } },
      '{group} and {region}',
    ],
    ['a relative path', { env: { ...REQUIRED, GATEWAY_ETC_DIR: 'etc' } }, 'an absolute path'],
    [
      'two paths in one',
      { env: { ...REQUIRED, GATEWAY_ETC_DIR: '/x', GATEWAY_STATE_DIR: '/x' } },
      'the same as',
    ],
    [
      'the live etc as source',
      { env: { GATEWAY_SOURCE: 'file:///e', GATEWAY_ETC_DIR: '/e' } },
      'another directory',
    ],
    ['an unknown flag', { env: REQUIRED, flags: { 'restart.drian': '1s' } }, 'did you mean restart.drain?'],
  ])('with %s are refused', (_, given, expected) => {
    const problems = problemsOf(() => loadSettings(input(given)));
    expect(problems.join('\n')).toContain(expected);
    expect(problems).toHaveLength(1);
  });

  it('refuse a missing --config file, but not a missing default file', () => {
    const missing = input({ env: REQUIRED });
    expect(problemsOf(() => loadSettings({ ...missing, file: '/gone.json' }))[0]).toContain(
      '/gone.json: cannot be read',
    );
    const read: string[] = [];
    const readFile = (path: string) => {
      read.push(path);
      return missing.readFile(path);
    };
    loadSettings({ ...missing, readFile });
    expect(read).toEqual([DEFAULT_SETTINGS_FILE]);
  });

  it('of a machine without gateway require nothing', () => {
    expect(loadLocalSettings(input({})).source.location).toBeNull();
  });
});

describe('the table of settings', () => {
  it('names each key and each variable once', () => {
    for (const field of ['key', 'env'] as const) {
      const names = SETTINGS_TABLE.map((row) => row[field]);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('has defaults that pass their own check', () => {
    const faulty = SETTINGS_TABLE.filter((row) => row.default !== null && !row.format.isValid(row.default));
    expect(faulty.map((row) => row.key)).toEqual([]);
  });
});
