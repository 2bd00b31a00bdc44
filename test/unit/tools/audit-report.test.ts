import { describe, expect, it } from 'vitest';
import { findVulnerabilities, judge, readAnswer } from '../../tools/audit-report.mjs';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const FINDING = { advisory: 'GHSA-1', severity: 'high', isDevelopment: false, text: 'high: x' };
const judgeOne = (exceptions: object[], findings = [FINDING], isWhole = true) =>
  judge({ findings, exceptions, isWhole, now: NOW });

describe('an exception', () => {
  it('lets its advisory pass until its day, and no other', () => {
    expect(judgeOne([{ advisory: 'GHSA-1', until: '2026-07-01' }])).toEqual([]);
    expect(judgeOne([{ advisory: 'GHSA-2', until: '2026-07-01' }])).toContain('high: x');
  });

  it('that is over, or has no day, fails beside its finding', () => {
    expect(judgeOne([{ advisory: 'GHSA-1', until: '2026-05-01' }])).toEqual([
      'high: x',
      'exception GHSA-1 was valid until 2026-05-01: decide anew',
    ]);
    expect(judgeOne([{ advisory: 'GHSA-1' }])).toHaveLength(2);
  });

  it('that matches nothing any more fails, unless not everything was asked', () => {
    const idle = [{ advisory: 'GHSA-1', until: '2026-07-01' }];
    expect(judgeOne(idle, [])).toEqual(['exception GHSA-1 matches no finding any more: take it out']);
    expect(judgeOne(idle, [], false)).toEqual([]);
  });
});

describe('a report', () => {
  const via = { severity: 'high', title: 'Bad', range: '<2.0.0', url: 'https://example/GHSA-1' };
  const entry = { name: 'x', isDirect: true, via: [via], effects: [], nodes: ['node_modules/x'] };
  const lock = { packages: { 'node_modules/x': { version: '1.0.0' } } };
  const find = (changes: object) =>
    findVulnerabilities({ vulnerabilities: { x: { ...entry, ...changes } } }, lock).map(({ text }) => text);

  it('names the fixed version of a package that is pinned', () => {
    expect(find({ fixAvailable: { name: 'x', version: '2.0.1' } })).toEqual([
      'high: x <2.0.0, "Bad" (https://example/GHSA-1), at node_modules/x (1.0.0). What to do: npm install --save-exact x@2.0.1',
    ]);
  });

  it('fails on high where only development is concerned, and says so', () => {
    const development = { packages: { 'node_modules/x': { version: '1.0.0', dev: true } } };
    const [found] = findVulnerabilities({ vulnerabilities: { x: entry } }, development);
    expect(found).toMatchObject({ isDevelopment: true, text: expect.stringContaining('development only') });
    const moderate = { vulnerabilities: { x: { ...entry, via: [{ ...via, severity: 'moderate' }] } } };
    expect([findVulnerabilities(moderate, development), findVulnerabilities(moderate, lock)]).toEqual([
      [],
      [expect.anything()],
    ]);
  });

  it('counts a severity that nobody knows as the worst', () => {
    expect(find({ via: [{ ...via, severity: 'apocalyptic' }], fixAvailable: true })).toHaveLength(1);
  });
});

describe('what npm printed', () => {
  it('is a fault, not silence, when the question itself was wrong', () => {
    expect(() => readAnswer('{"error":{"code":"ENOLOCK","summary":"no lock"}}', '')).toThrow(
      'ENOLOCK no lock',
    );
    expect(() => readAnswer('', 'spawn npm ENOENT')).toThrow('printed no JSON: spawn npm ENOENT');
  });
});
