import { describe, expect, test } from 'vitest';
import { profileOf } from '../../../../agent/core/engine/profile.ts';
import { PROFILE_ROWS } from '../../../../agent/core/engine/profiles.ts';

const engine = (name: string, version: string) => ({ name, version, java: 'unknown' });

describe('what is known of a release', () => {
  test.each([
    // As Datomic ships it.
    [
      'presto',
      '348',
      { mainClass: 'io.prestosql.server.PrestoServer', java: { oldest: '11.0.7', newest: 11 } },
    ],
    [
      'presto',
      '350',
      { java: { oldest: '11.0.7', newest: 17 }, warmStart: 'class-data-archive', firstYear: 2019 },
    ],
    ['trino', '368', { mainClass: 'io.trino.server.TrinoServer', hasTotalMemoryPerNode: true }],
    ['trino', '369', { hasTotalMemoryPerNode: false, java: { oldest: '11.0.7', newest: 11 } }],
    ['trino', '435', { java: { oldest: '17.0.3', newest: 17 }, queriesPath: '/v1/query' }],
    ['trino', '460', { java: { oldest: '22', newest: 22 }, queriesPath: '/v1/query?pruned=true' }],
    ['trino', '476', { java: { oldest: '24.0.1', newest: 25 }, warmStart: 'aot-cache', firstYear: 2024 }],
    // No row of its own: as the newest before it.
    ['trino', '478', { java: { oldest: '24.0.1', newest: 25 }, hasTotalMemoryPerNode: false }],
    ['stand-in', '0', { family: 'presto', label: 'stand-in engine' }],
    ['unknown', 'unknown', { family: 'presto' }],
  ])('%s %s', (name, version, facts) => {
    expect(profileOf(engine(name, version))).toMatchObject(facts);
  });
});

test('the rows ascend, and the two engines of the tests have one', () => {
  const releases = PROFILE_ROWS.map(({ since }) => since);
  expect(releases).toEqual(releases.toSorted((a, b) => a - b));
  expect(PROFILE_ROWS.filter(({ isTried }) => isTried).map(({ since }) => since)).toEqual([350, 476]);
});
