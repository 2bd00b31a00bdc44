import { describe, expect, test } from 'vitest';
import { factsOfRelease, PROFILE_ROWS } from '../../../../../agent/core/engine/profiles.ts';
import {
  bindingOptions,
  findWarmMethod,
  optionsToTrain,
} from '../../../../../agent/core/engine/warm/method.ts';

describe('Java decides how a start is sped up', () => {
  test.each([
    [null, null],
    [11, null],
    [13, 'class-data-archive'],
    [17, 'class-data-archive'],
    [24, 'class-data-archive'],
    [25, 'aot-cache'],
  ])('Java %s: %s', (feature, method) => {
    expect(findWarmMethod(feature)).toBe(method);
  });
});

test('the table of engines names what the newest Java of each of them can do', () => {
  for (const { since } of PROFILE_ROWS) {
    const { java, warmStart } = factsOfRelease(since);
    expect([since, warmStart]).toEqual([since, findWarmMethod(java.newest) ?? 'none']);
  }
});

test('training writes the file at the end of the run', () => {
  expect(optionsToTrain('class-data-archive', '/w/a')).toEqual(['-XX:ArchiveClassesAtExit=/w/a']);
  expect(optionsToTrain('aot-cache', '/w/a')).toEqual(['-XX:AOTCacheOutput=/w/a']);
});

describe('of the options of the JVM', () => {
  test('the collector and module options bind, all else does not', () => {
    const options = [
      '-Xmx900m',
      '-XX:+UseG1GC',
      '-XX:ReservedCodeCacheSize=160M',
      '-Da=b',
      '--add-opens=a=b',
    ];
    expect(bindingOptions(options)).toEqual(['-XX:+UseG1GC', '--add-opens=a=b']);
  });

  test.each([
    ['-Xmx31g', []],
    ['-Xmx32768m', ['large heap']],
    ['-Xmx40G', ['large heap']],
    ['-Xmx1099511627776', ['large heap']],
  ])('%s binds by the size of references: %j', (heap, expected) => {
    expect(bindingOptions([heap])).toEqual(expected);
  });

  test('the last of two heaps counts, as for the JVM', () => {
    expect(bindingOptions(['-Xmx40g', '-Xmx1g'])).toEqual([]);
  });
});
