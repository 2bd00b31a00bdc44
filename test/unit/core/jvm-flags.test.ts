import { expect, test } from 'vitest';
import { planJvmFlags } from '../../../agent/core/jvm-flags.ts';

const GIB = 1024 ** 3;
const presto = (java: string) => ({ name: 'presto', version: '350', java });
const trino = (java: string) => ({ name: 'trino', version: '476', java });
const flags = (engine: ReturnType<typeof presto>, gib = 4) => planJvmFlags(gib * GIB, engine);

test('out of memory ends the process; neither dump nor core nor report of a crash can fill the disk', () => {
  for (const engine of [presto('17.0.15'), trino('25.0.1'), presto('unknown')]) {
    const found = flags(engine);
    expect(found).toEqual(
      expect.arrayContaining([
        '-XX:+ExitOnOutOfMemoryError',
        '-XX:-HeapDumpOnOutOfMemoryError',
        '-XX:-CreateCoredumpOnCrash',
        '-XX:ErrorFile=hs_err.log',
      ]),
    );
    expect(found.join('\n')).not.toMatch(/-XX:\+HeapDump|%p/);
  }
});

test('what the heap does not hold is bounded too, and shrinks with the heap', () => {
  const sizes = (gib: number) =>
    flags(presto('17'), gib).filter((flag) => /Region|CodeCache|Direct/.test(flag));
  expect(sizes(1)).toEqual([
    '-XX:G1HeapRegionSize=4M',
    '-XX:ReservedCodeCacheSize=96M',
    '-XX:MaxDirectMemorySize=48m',
  ]);
  expect(sizes(24)).toEqual([
    '-XX:G1HeapRegionSize=32M',
    '-XX:ReservedCodeCacheSize=512M',
    '-XX:MaxDirectMemorySize=768m',
  ]);
});

test('PrestoSQL gets the openings that Java 17 makes necessary, Trino none', () => {
  const opened = (engine: ReturnType<typeof presto>) =>
    flags(engine).filter((flag) => flag.startsWith('--add-opens'));
  expect(opened(presto('17.0.15'))).toEqual([
    '--add-opens=java.base/java.lang=ALL-UNNAMED',
    '--add-opens=java.base/java.nio=ALL-UNNAMED',
  ]);
  expect(opened(trino('25.0.1'))).toEqual([]);
});

test('each Java gets what it knows, and an unknown one only what all know', () => {
  const special = ['BiasedLocking', 'UnlockDiagnostic', 'GCLocker', 'DynamicAgent'];
  const found = (java: string) =>
    special.filter((part) => flags(presto(java)).some((flag) => flag.includes(part)));
  expect(found('11.0.20')).toEqual(['BiasedLocking', 'UnlockDiagnostic', 'GCLocker']);
  expect(found('17.0.15')).toEqual(['UnlockDiagnostic', 'GCLocker']);
  expect(found('21.0.2')).toEqual(['UnlockDiagnostic', 'GCLocker', 'DynamicAgent']);
  expect(found('25.0.1')).toEqual(['DynamicAgent']);
  expect(found('unknown')).toEqual([]);
});
