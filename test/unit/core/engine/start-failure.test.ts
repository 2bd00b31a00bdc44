import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findBlame } from '../../../../agent/core/engine/blamed-line.ts';
import { formatRunMarker } from '../../../../agent/core/engine/run-marker.ts';
import { findStartFailure } from '../../../../agent/core/engine/start-failure.ts';
import { AgentError, describeError } from '../../../../agent/core/errors.ts';
import type { RunId } from '../../../../agent/core/types.ts';

const A = 'run-a' as RunId;
const B = 'run-b' as RunId;
/** What PrestoSQL 350 and Trino 476 printed when they were made to fail. */
const recorded = (name: string): readonly string[] =>
  readFileSync(`test/cases/engine-log/${name}.txt`, 'utf8').split('\n');

describe('a recorded failure is told in its words', () => {
  test.each([
    ['presto-port-taken', 'PortTaken', true, 'Failed to bind to /127.0.0.1:18350'],
    ['trino-port-taken', 'PortTaken', true, 'Failed to bind to /127.0.0.1:18476'],
    [
      'presto-few-files',
      'TooFewOpenFiles',
      true,
      'Presto requires at least 4096 file descriptors (found 1000)',
    ],
    [
      'trino-few-files',
      'TooFewOpenFiles',
      true,
      'Trino requires at least 4096 file descriptors (found 1000)',
    ],
    ['presto-host-name', 'HostNameUnknown', true, 'Unable to determine local host name'],
    ['trino-old-java', 'JavaUnfit', true, 'Trino requires Java 22+ (found 17.0.15)'],
    ['presto-heap', 'HeapTooLarge', true, 'Could not reserve enough space for 104857600000KB object heap'],
    ['trino-heap', 'HeapTooLarge', true, 'Could not reserve enough space for 104857600000 KB object heap'],
    ['presto-unknown-option', 'JvmOptionUnknown', false, "Unrecognized VM option 'NoSuchFlag'"],
    ['trino-unknown-option', 'JvmOptionUnknown', false, "Unrecognized VM option 'NoSuchFlag'"],
    [
      'presto-read-only',
      'DataDirectoryUnwritable',
      true,
      'Cannot create /var/lib/datomic-analytics/data/var/log and path does not already exist',
    ],
    [
      'presto-query-memory',
      'QueryMemoryTooLarge',
      false,
      'Invalid memory configuration. The sum of max total query memory per node (943718400) and heap headroom (322122547) cannot be larger than the available heap memory (1073741824)',
    ],
    [
      'trino-query-memory',
      'QueryMemoryTooLarge',
      false,
      'Invalid memory configuration. The sum of max query memory per node (943718400) and heap headroom (322122547) cannot be larger than the available heap memory (1073741824)',
    ],
  ])('%s', (name, reason, isOfHost, message) => {
    expect(findStartFailure(recorded(name), A)).toMatchObject({ run: A, reason, isOfHost, message });
  });

  test.each(['presto-started', 'presto-unused', 'trino-noconnector', 'trino-wrongvalue'])(
    '%s is none of them',
    (name) => {
      expect(findStartFailure(recorded(name), A)).toBeNull();
    },
  );
});

describe('a failure that was not recorded but is documented', () => {
  test.each([
    ['ERROR: Presto requires the system time to be current (found year 1970)', 'ClockNotSet'],
    ['ERROR: Presto requires a little endian platform (found BIG_ENDIAN)', 'MachineUnfit'],
    ['mkdir: cannot create directory ‘tmp’: No space left on device', 'DiskFull'],
    ['ln: failed to create symbolic link ‘etc’: Permission denied', 'DataDirectoryUnwritable'],
    ['x.so: failed to map segment from shared object: Operation not permitted', 'TemporaryDirectoryNoexec'],
  ])('%s', (line, reason) => {
    expect(findStartFailure([line], A)).toMatchObject({ reason, isOfHost: true });
  });
});

test('what prepared the start is quoted, in the words of the unit’s log and of the child’s', () => {
  const error = new AgentError('START_IMPOSSIBLE', 'the analytics process cannot be started', {
    fields: {
      reason: 'PortTaken',
      problem: 'port 8989 is taken by nginx (pid 812)',
      remedy: 'end that program',
    },
  });
  const expected = {
    run: A,
    reason: 'PortTaken',
    message: 'port 8989 is taken by nginx (pid 812)',
    remedy: 'end that program',
    isOfHost: true,
  };
  expect(findStartFailure([describeError(error)], A)).toEqual(expected);
  const printed =
    'gatewayctl: the analytics process cannot be started, reason PortTaken, problem port 8989 is taken by nginx (pid 812), remedy end that program. Follow the remedy that is named; it is tried again by itself.   [69]';
  expect(findStartFailure([printed], A)).toEqual(expected);
});

test('a later run forgives an earlier one, also before it has printed anything', () => {
  const marker = formatRunMarker({ run: B, previous: A });
  expect(findStartFailure([...recorded('presto-few-files'), marker], B)).toBeNull();
  expect(findStartFailure([marker, ...recorded('presto-few-files')], null)?.run).toBe(B);
});

describe('the line of a refused catalog', () => {
  const file = (name: string, text: string) => ({
    path: `catalog/${name}.properties`,
    bytes: new TextEncoder().encode(text),
  });
  const FILES = [
    file('tpch', 'connector.name=tpch\n'),
    file('bad', '# bad\nconnector.name=memory\n\nmemory.no-such=1\nmemory.no-such-thing=2\n'),
  ];

  test.each([
    ["Configuration property 'memory.no-such' was not used", 'catalog/bad.properties:4'],
    ["Configuration property 'memory.no-such-thing' was not used", 'catalog/bad.properties:5'],
    ["No factory for connector 'memory'.  Available factories: [tpch]", 'catalog/bad.properties:2'],
    ['something went wrong', 'catalog/bad.properties'],
  ])('%s', (message, place) => {
    expect(findBlame(['bad'], message, FILES)).toEqual({ catalog: 'bad', place });
  });

  test('of catalogs that were loaded side by side, the one with that property is to blame', () => {
    const message = "Configuration property 'memory.no-such' was not used";
    expect(findBlame(['tpch', 'bad'], message, FILES)).toEqual({
      catalog: 'bad',
      place: 'catalog/bad.properties:4',
    });
    expect(findBlame(['tpch', 'bad'], 'boom', FILES)).toBeNull();
    expect(findBlame(['gone'], message, FILES)).toBeNull();
  });
});
