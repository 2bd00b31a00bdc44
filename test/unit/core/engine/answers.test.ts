import { describe, expect, test } from 'vitest';
import { parseEngineDuration } from '../../../../agent/core/engine/duration.ts';
import { classifyExit } from '../../../../agent/core/engine/exit-kind.ts';
import { readJournal } from '../../../../agent/core/engine/journal.ts';
import { findEngineProfile } from '../../../../agent/core/engine/profile.ts';
import {
  formatProofQuery,
  formatScan,
  parseListedCatalogs,
  quoteName,
} from '../../../../agent/core/engine/proof-query.ts';
import { parseRunningQueries } from '../../../../agent/core/engine/queries.ts';
import { countFailures, findRestartDelayMs } from '../../../../agent/core/engine/restart-delay.ts';
import { classifyQueryError, parseStatementPage } from '../../../../agent/core/engine/statement.ts';

test.each([
  ['12.00ms', 12, 0.01],
  ['4.21s', 4_210, 10],
  ['1.50m', 90_000, 600],
  ['2.00h', 7_200_000, 36_000],
  ['3.00d', 259_200_000, 864_000],
  ['0.00ns', 0, 1e-8],
])('a duration of %s is known to two decimals', (text, ms, errorMs) => {
  expect(parseEngineDuration(text)?.ms).toBeCloseTo(ms);
  expect(parseEngineDuration(text)?.errorMs).toBeCloseTo(errorMs);
});

test.each(['', 'soon', '4', '-1s', '1.5 weeks'])('%j is no duration', (text) => {
  expect(parseEngineDuration(text)).toBeNull();
});

describe('an engine by its version', () => {
  test.each([
    ['350', null, 'PrestoSQL 350', 'X-Presto-'],
    ['348', 'trino', 'PrestoSQL 348', 'X-Presto-'],
    ['351', null, 'Trino 351', 'X-Trino-'],
    ['476', 'presto', 'Trino 476', 'X-Trino-'],
    ['350-stand-in', 'stand-in', 'stand-in engine 350-stand-in', 'X-Presto-'],
    ['476-stand-in', 'stand-in', 'stand-in engine 476-stand-in', 'X-Trino-'],
    ['479-SNAPSHOT', null, 'Trino 479-SNAPSHOT', 'X-Trino-'],
    ['testversion', 'presto', 'PrestoSQL testversion', 'X-Presto-'],
    ['testversion', 'trino', 'Trino testversion', 'X-Trino-'],
    ['0.289', null, 'engine 0.289', 'X-Trino-'],
  ])('%s (%s) is %s and is first asked with %s', (version, name, label, prefix) => {
    const profile = findEngineProfile(version, name);
    expect([profile.label, profile.headerPrefixes[0]]).toEqual([label, prefix]);
    expect(new Set(profile.headerPrefixes).size).toBe(2);
  });
});

describe('the end of a process', () => {
  test.each([
    [{ status: 0 }, 'clean'],
    [{ status: 1 }, 'crash'],
    [{ status: 100 }, 'crash'],
    [{ status: 3 }, 'jvm-oom'],
    [{ status: 143 }, 'clean'],
    [{ status: 137 }, 'killed'],
    [{ status: 134 }, 'crash'],
    [{ signal: 'SIGTERM' }, 'clean'],
    [{ signal: 'SIGKILL' }, 'killed'],
    [{ signal: 'SIGKILL', isKernelOom: true }, 'kernel-oom'],
    [{ signal: 'SIGSEGV' }, 'crash'],
    [{ signal: 'SIGABRT' }, 'crash'],
    [{ signal: 'SIGHUP' }, 'killed'],
  ])('%j is %s', (exit, kind) => {
    const { kind: found, detail } = classifyExit({ status: null, signal: null, isKernelOom: false, ...exit });
    expect(found).toBe(kind);
    expect(detail).toMatch(/^(exited with status \d+|ended by SIG[A-Z]+)/);
  });
});

test('a process that dies again and again is started later and later, at most every 30 s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 60].map(findRestartDelayMs)).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

test('a run that stayed up for a minute starts the doubling over', () => {
  expect(countFailures(4, 59_999)).toBe(5);
  expect(countFailures(4, 60_000)).toBe(1);
});

describe('running queries', () => {
  const query = (queryId: string, user: string, state: string, source: string | null = null) => ({
    queryId,
    session: { user, source },
    state,
  });
  test('what waits or runs counts, whatever a later release calls it; what ended does not', () => {
    const body = [
      query('a', 'ann', 'RUNNING'),
      query('b', 'bob', 'QUEUED'),
      query('c', 'cid', 'FINISHING'),
      query('d', 'dan', 'BRAND_NEW'),
      query('e', 'eve', 'FINISHED'),
      query('f', 'fay', 'FAILED'),
    ];
    expect(parseRunningQueries(body)?.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('our own do not count, somebody else under our name with another source does', () => {
    const body = [
      query('a', 'gateway-agent', 'RUNNING', 'gateway-agent'),
      query('b', 'gateway-agent', 'RUNNING', 'dbeaver'),
    ];
    expect(parseRunningQueries(body)).toEqual([{ id: 'b', user: 'gateway-agent' }]);
  });

  test('a list with nonsense in it gives what can be read, and no list is none', () => {
    expect(parseRunningQueries([null, 7, {}, query('a', 'ann', 'RUNNING')])).toHaveLength(1);
    expect(parseRunningQueries([{ queryId: 'x', state: 'RUNNING' }])).toEqual([{ id: 'x', user: 'unknown' }]);
    for (const body of [null, {}, 'x']) expect(parseRunningQueries(body)).toBeNull();
  });
});

describe('a page of a statement', () => {
  test('the next page is asked of the address that was given, whatever the body says', () => {
    const page = parseStatementPage({
      id: 'q',
      nextUri: 'http://elsewhere:1/v1/statement/q/1?x=2',
      data: [[1], 2],
    });
    expect(page).toEqual({ queryId: 'q', nextPath: '/v1/statement/q/1?x=2', rows: [[1]], error: null });
  });

  test.each([null, 'x', [], { nextUri: 7 }, { nextUri: 'file:///etc/passwd' }])(
    '%j has no next page',
    (body) => {
      expect(parseStatementPage(body).nextPath).toBeNull();
    },
  );

  test('an error without name or message is still one', () => {
    expect(parseStatementPage({ error: {} }).error).toEqual({
      name: '',
      type: '',
      message: 'an error without message',
    });
  });
});

test.each([
  ['NO_NODES_AVAILABLE', 'INTERNAL_ERROR', 'No nodes available to run query', 'not-yet'],
  ['SERVER_STARTING_UP', 'INTERNAL_ERROR', 'Presto server is still initializing', 'not-yet'],
  ['', '', 'Trino server is still initializing', 'not-yet'],
  ['TABLE_NOT_FOUND', 'USER_ERROR', "Table 'x' does not exist", 'unusable'],
  ['GENERIC_INTERNAL_ERROR', 'INTERNAL_ERROR', 'schemaName is null', 'backend'],
  ['JDBC_ERROR', 'EXTERNAL', 'connection refused', 'backend'],
])('%s of type %s (%s) is %s', (name, type, message, kind) => {
  expect(classifyQueryError({ name, type, message })).toBe(kind);
});

describe('the query that proves', () => {
  test.each([
    ['datomic', ['information_schema', 'shop'], 'SELECT * FROM "c"."shop".db__idents LIMIT 1'],
    [null, ['information_schema', 'shop'], 'SELECT * FROM "c"."shop".db__idents LIMIT 1'],
    ['tpch', ['information_schema', 'sf1', 'tiny'], 'SELECT count(*) FROM "c".tiny.nation'],
    [null, ['sf1', 'tiny'], 'SELECT count(*) FROM "c".tiny.nation'],
    ['datomic', ['information_schema'], null],
    ['memory', ['default'], null],
  ])('connector %s with schemas %j: %s', (connector, schemas, sql) => {
    expect(formatProofQuery({ name: 'c', connector }, schemas)).toBe(sql);
  });

  test('names are quoted, quotes in them doubled', () => {
    expect(quoteName('a"b')).toBe('"a""b"');
    expect(formatScan('c', ['s', 't"'])).toBe('SELECT * FROM "c"."s"."t""" LIMIT 1');
    expect(formatScan('c', undefined)).toBeNull();
  });

  test('catalogs come with their connector where the engine tells it', () => {
    expect(parseListedCatalogs([['a', 'a'], ['b', 'b', 'tpch'], [null]])).toEqual([
      { name: 'a', connector: null },
      { name: 'b', connector: 'tpch' },
    ]);
  });
});

test('the journal is read with a mark before each run; bytes, cut lines and lines of systemd are no trouble', () => {
  const entry = (MESSAGE: unknown, run?: string) => JSON.stringify({ MESSAGE, _SYSTEMD_INVOCATION_ID: run });
  const text = [
    entry('Starting t.service...'),
    entry('one', 'a'),
    entry([116, 119, 111], 'a'),
    entry(null, 'a'),
    entry('three\nfour', 'b'),
    '{"MESSAGE":"cu',
  ].join('\n');
  expect(readJournal(text)).toEqual([
    'Starting t.service...',
    '--- gateway: run a begins ---',
    'one',
    'two',
    '--- gateway: run b begins, after a ---',
    'three',
    'four',
  ]);
});
