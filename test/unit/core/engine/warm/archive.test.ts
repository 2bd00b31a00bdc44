import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { decodeJson } from '../../../../../agent/core/decode.ts';
import {
  type ArchiveGround,
  archiveRecord,
  judgeArchive,
  recordOf,
} from '../../../../../agent/core/engine/warm/archive.ts';

const sha256 = (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex');

const GROUND: ArchiveGround = {
  method: 'class-data-archive',
  home: '/opt/datomic/analytics',
  engine: 'PrestoSQL 350',
  java: {
    program: '/usr/lib/jvm/17/bin/java',
    version: '17.0.15',
    library: { name: 'libjvm.so', size: 9, modifiedMs: 1 },
  },
  jars: [
    { name: 'a.jar', size: 1, modifiedMs: 2 },
    { name: 'b.jar', size: 3, modifiedMs: 4 },
  ],
  pluginJars: [{ name: 'tpch/tpch.jar', size: 5, modifiedMs: 6 }],
  jvmOptions: ['-Xmx1g', '-XX:+UseG1GC', '-XX:G1HeapRegionSize=4M', '-Dx=y'],
};
const FILE = { size: 70, sha256: sha256('archive') };
const RECORD = recordOf(GROUND, FILE, sha256);
const PATH = '/opt/datomic/analytics/warm/class-data.jsa';

const judge = (changes: Partial<ArchiveGround> = {}, found: typeof FILE | null = FILE) =>
  judgeArchive({ record: RECORD, ground: { ...GROUND, ...changes }, path: PATH, found, sha256 });

test('what training made on the same ground is used', () => {
  expect(judge()).toEqual({
    kind: 'fits',
    options: [`-XX:SharedArchiveFile=${PATH}`, '-Xshare:auto'],
    isUpToDate: true,
  });
});

test('a cache of Java 25 is used by its own options', () => {
  const ground = { ...GROUND, method: 'aot-cache' } as const;
  const record = recordOf(ground, FILE, sha256);
  expect(record.file).toBe('cache.aot');
  expect(judgeArchive({ record, ground, path: '/w/cache.aot', found: FILE, sha256 })).toMatchObject({
    options: ['-XX:AOTCache=/w/cache.aot', '-XX:AOTMode=auto'],
  });
});

describe('it serves instances of every size', () => {
  test.each([
    ['another heap', ['-Xmx24g', '-XX:+UseG1GC', '-XX:G1HeapRegionSize=32M', '-Dx=y']],
    ['another property', ['-Xmx1g', '-XX:+UseG1GC', '-Dx=z']],
  ])('%s', (_title, jvmOptions) => {
    expect(judge({ jvmOptions }).kind).toBe('fits');
  });

  test('the order in which jars are found does not matter', () => {
    expect(judge({ jars: GROUND.jars.toReversed() }).kind).toBe('fits');
  });
});

test('other plugins leave it in use, and make it out of date', () => {
  const pluginJars = [...GROUND.pluginJars, { name: 'x/x.jar', size: 1, modifiedMs: 1 }];
  expect(judge({ pluginJars })).toMatchObject({ kind: 'fits', isUpToDate: false });
});

describe('it is not used, and the reason is said, after', () => {
  const other = 'files of the engine or of Java, or options of the JVM, are not those that it was made with';
  test.each<[string, Partial<ArchiveGround>, string]>([
    ['another engine', { engine: 'PrestoSQL 348' }, 'it was made for PrestoSQL 350, not for PrestoSQL 348'],
    [
      'a newer Java',
      { java: { ...GROUND.java, version: '17.0.16' } },
      'it was made for Java 17.0.15, not for 17.0.16',
    ],
    [
      'the same Java built anew',
      { java: { ...GROUND.java, library: { name: 'libjvm.so', size: 9, modifiedMs: 2 } } },
      other,
    ],
    ['a jar that was touched', { jars: [{ name: 'a.jar', size: 1, modifiedMs: 3 }] }, other],
    ['another collector', { jvmOptions: ['-Xmx1g', '-XX:+UseSerialGC'] }, other],
    ['a heap of 32 GiB', { jvmOptions: ['-Xmx32g', '-XX:+UseG1GC'] }, other],
    ['a move of the engine', { home: '/srv/engine' }, other],
  ])('%s', (_title, changes, reason) => {
    expect(judge(changes)).toEqual({ kind: 'unfit', reason });
  });

  test('a cut, before the JVM could die of it', () => {
    expect(judge({}, { ...FILE, size: 69 })).toEqual({
      kind: 'unfit',
      reason: 'it has 69 bytes instead of 70',
    });
  });

  test('other bytes of the same length', () => {
    expect(judge({}, { ...FILE, sha256: sha256('other') })).toEqual({
      kind: 'unfit',
      reason: 'its bytes are not those that were written',
    });
  });

  test('its disappearance', () => {
    expect(judge({}, null)).toEqual({ kind: 'unfit', reason: 'it is gone' });
  });

  test('an update of this program that writes other records', () => {
    const record = { ...RECORD, version: 0 };
    expect(judgeArchive({ record, ground: GROUND, path: PATH, found: FILE, sha256 })).toEqual({
      kind: 'unfit',
      reason: 'another version of this program made it',
    });
  });
});

test('a record survives its way to disk, and one that leads elsewhere is none', () => {
  expect(decodeJson(archiveRecord, JSON.stringify(RECORD))).toEqual({ isValid: true, value: RECORD });
  const elsewhere = JSON.stringify({ ...RECORD, file: '../../etc/passwd' });
  expect(decodeJson(archiveRecord, elsewhere).isValid).toBe(false);
});
