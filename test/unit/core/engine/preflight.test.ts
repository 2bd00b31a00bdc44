import { expect, test } from 'vitest';
import { findStartFaults, type PreflightFacts } from '../../../../agent/core/engine/preflight.ts';
import { profileOf } from '../../../../agent/core/engine/profile.ts';
import { isMountedNoexec } from '../../../../agent/core/mounts.ts';

const JAVA = { program: '/usr/lib/jvm/17/bin/java', version: '17.0.15' };
const FINE: PreflightFacts = {
  profile: profileOf({ name: 'presto', version: '350', java: '' }),
  home: { path: '/opt/datomic/analytics', hasLibraries: true, hasPlugins: true },
  java: { chosen: JAVA, found: [JAVA], wanted: null },
  dataDir: { path: '/data', state: 'directory', isNoexec: false, freeBytes: 2 ** 30 },
  port: { number: 8989, takenBy: null },
  hostName: { name: 'gateway-1', isResolved: true },
  openFiles: 131_072,
  now: Date.UTC(2026, 0, 1),
};
const old = { program: '/usr/lib/jvm/8/bin/java', version: '8.0.402' };
const newer = { program: '/usr/lib/jvm/25/bin/java', version: '25.0.1' };

test('a machine on which all is well has no finding, also where something cannot be known', () => {
  expect(findStartFaults(FINE)).toEqual([]);
  expect(
    findStartFaults({
      ...FINE,
      hostName: { ...FINE.hostName, isResolved: null },
      openFiles: null,
      dataDir: { ...FINE.dataDir, freeBytes: null },
    }),
  ).toEqual([]);
});

test('Trino starts without an address of its host name', () => {
  const profile = profileOf({ name: 'trino', version: '476', java: '' });
  const trino = { ...FINE, profile, java: { chosen: newer, found: [newer], wanted: null } };
  expect(findStartFaults({ ...trino, hostName: { name: 'gateway-1', isResolved: false } })).toEqual([]);
});

test.each<[string, Partial<PreflightFacts>, string, string, RegExp]>([
  [
    'a host name without address',
    { hostName: { name: 'gateway-1', isResolved: false } },
    'fault',
    'HostNameUnknown',
    /the host name gateway-1 has no address, and PrestoSQL 350 does not start without/,
  ],
  [
    'no engine',
    { home: { ...FINE.home, hasLibraries: false } },
    'fault',
    'EngineMissing',
    /no engine lies in \/opt/,
  ],
  [
    'no plugins',
    { home: { ...FINE.home, hasPlugins: false } },
    'fault',
    'PluginsMissing',
    /no directory plugin/,
  ],
  [
    'no Java that fits',
    { java: { chosen: null, found: [old], wanted: null } },
    'fault',
    'JavaMissing',
    /PrestoSQL 350 runs on Java 11.0.7 to 17; found 8.0.402 \(\/usr\/lib\/jvm\/8\/bin\/java\)/,
  ],
  [
    'no Java at all',
    { java: { chosen: null, found: [], wanted: null } },
    'fault',
    'JavaMissing',
    /found none/,
  ],
  [
    'a Java of the settings that is too old',
    { java: { chosen: old, found: [old], wanted: old.program } },
    'fault',
    'JavaUnfit',
    /analytics.java is 8.0.402/,
  ],
  [
    'a Java of the settings that nobody has tried',
    { java: { chosen: newer, found: [newer], wanted: newer.program } },
    'warning',
    'JavaUnfit',
    /25.0.1/,
  ],
  [
    'no data directory',
    { dataDir: { ...FINE.dataDir, state: 'missing' } },
    'fault',
    'DataDirectoryMissing',
    /\/data is missing/,
  ],
  [
    'a file in its place',
    { dataDir: { ...FINE.dataDir, state: 'other' } },
    'fault',
    'DataDirectoryMissing',
    /is no directory/,
  ],
  [
    'noexec',
    { dataDir: { ...FINE.dataDir, isNoexec: true } },
    'warning',
    'TemporaryDirectoryNoexec',
    /mounted noexec/,
  ],
  [
    'a full disk',
    { dataDir: { ...FINE.dataDir, freeBytes: 2 ** 20 } },
    'warning',
    'DiskFull',
    /1 MiB are free/,
  ],
  [
    'a port that is taken',
    { port: { number: 8989, takenBy: 'nginx (pid 812)' } },
    'fault',
    'PortTaken',
    /port 8989 is taken by nginx \(pid 812\)/,
  ],
  ['too few files', { openFiles: 1_024 }, 'fault', 'TooFewOpenFiles', /1024 files; PrestoSQL 350 needs 4096/],
  ['few files', { openFiles: 4_096 }, 'warning', 'TooFewOpenFiles', /8192 under load/],
  ['a clock that was not set', { now: Date.UTC(1970, 0, 1) }, 'fault', 'ClockNotSet', /the clock says 1970/],
])('%s is said in one sentence', (_title, facts, verdict, reason, message) => {
  const findings = findStartFaults({ ...FINE, ...facts });
  expect(findings).toMatchObject([{ verdict, reason, message: expect.stringMatching(message) }]);
  expect(findings[0]?.remedy).not.toBe('');
});

test('faults stand before warnings', () => {
  const findings = findStartFaults({
    ...FINE,
    dataDir: { ...FINE.dataDir, isNoexec: true },
    port: { number: 8989, takenBy: 'another program' },
  });
  expect(findings.map(({ verdict }) => verdict)).toEqual(['fault', 'warning']);
});

test.each([
  ['/data', false],
  ['/data/tmp', false],
  ['/tmp/x', true],
  ['/tmpfiles', false],
  ['/with blank/x', true],
  ['/over/x', true],
])('%s on a noexec file system: %s', (path, isNoexec) => {
  const mounts = [
    '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '30 22 0:30 / /tmp rw,nosuid,noexec - tmpfs tmpfs rw',
    '31 22 0:31 / /with\\040blank rw,noexec - tmpfs tmpfs rw',
    '32 22 0:32 / /over rw - tmpfs tmpfs rw',
    '33 32 0:33 / /over rw,noexec - tmpfs tmpfs rw',
    '',
  ].join('\n');
  expect(isMountedNoexec(mounts, path)).toBe(isNoexec);
});
