import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseJava, compareJavaVersions, isFitting } from '../../../../agent/core/engine/java.ts';
import { profileOf } from '../../../../agent/core/engine/profile.ts';

const java = (version: string) => ({ program: `/usr/lib/jvm/${version}/bin/java`, version });
const PRESTO = profileOf({ name: 'presto', version: '350', java: '' });
const TRINO = profileOf({ name: 'trino', version: '476', java: '' });
const ALL = ['8.0.402', '11.0.6', '11.0.22', '17.0.9', '17.0.15', '21.0.3', '25.0.1', '26'].map(java);

describe('the Java to start with', () => {
  test.each([
    ['the newest that fits', PRESTO, null, '17.0.15'],
    ['the newest that fits Trino', TRINO, null, '25.0.1'],
    ['the one that the release was rendered for', PRESTO, '11.0.22', '11.0.22'],
    ['one of the same feature release, where that one is gone', PRESTO, '11.0.20', '11.0.22'],
    ['the newest that fits, where none of that release is left', PRESTO, '13.0.2', '17.0.15'],
    ['the newest that fits, also if rendered for what does not', PRESTO, '25.0.1', '17.0.15'],
  ])('is %s', (_title, profile, rendered, version) => {
    expect(chooseJava({ profile, found: ALL, rendered })?.version).toBe(version);
  });

  test('is none where none fits', () => {
    expect(chooseJava({ profile: TRINO, found: ['11.0.22', '26'].map(java), rendered: null })).toBeNull();
    expect(isFitting(PRESTO, java('11.0.6'))).toBe(false);
  });
});

test('versions are compared number by number, whatever stands between', () => {
  expect(compareJavaVersions('17.0.9', '17.0.15')).toBeLessThan(0);
  expect(compareJavaVersions('11.0.14.1', '11.0.14')).toBeGreaterThan(0);
  expect(compareJavaVersions('25', '25.0.0')).toBe(0);
  const version = fc.array(fc.nat(99), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(Math.sign(compareJavaVersions(a, b))).toBe(-Math.sign(compareJavaVersions(b, a)) || 0);
    }),
  );
});
