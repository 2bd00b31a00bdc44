import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseTargets,
  readEffective,
  readPermitOpen,
  readTarget,
  renderPermitOpen,
} from '../../../../agent/core/access/permit-open.ts';

const base = { permitOpen: null, system: 'acme', region: 'eu-west-1', groups: [] as string[] };
const LOOPBACK = ['localhost:8989', '127.0.0.1:8989'];

describe('forwarding targets', () => {
  it('are the entry hosts of system and groups, and loopback in both spellings', () => {
    expect(chooseTargets({ ...base, groups: ['acme', 'reports'] })).toEqual({
      targets: [
        'entry.acme.eu-west-1.datomic.net:8182',
        'entry.reports.eu-west-1.datomic.net:8182',
        ...LOOPBACK,
      ],
      ignored: [],
    });
  });

  it('are loopback alone without a system, and without a region', () => {
    expect(chooseTargets({ ...base, system: null }).targets).toEqual(LOOPBACK);
    expect(chooseTargets({ ...base, region: null }).targets).toEqual(LOOPBACK);
  });

  it('are exactly those of the setting where there is one', () => {
    const permitOpen = ['db.internal:443', '[::1]:8989', 'db.internal:443'];
    expect(chooseTargets({ ...base, permitOpen }).targets).toEqual(['db.internal:443', '[::1]:8989']);
  });

  it('leave out groups that are no part of a host name', () => {
    const groups = ['a b', 'x\nPermitTunnel yes', '*', '-x', 'x'.repeat(64), '', 'a.b', 'fine-1'];
    const { targets, ignored } = chooseTargets({ ...base, groups });
    expect(targets).toContain('entry.fine-1.eu-west-1.datomic.net:8182');
    expect(targets).toHaveLength(4);
    expect(ignored).toEqual(groups.slice(0, -1));
  });

  it('do not grow without end', () => {
    const groups = Array.from({ length: 1_000 }, (_, index) => `g${index}`);
    expect(chooseTargets({ ...base, groups }).targets).toHaveLength(52);
  });
});

describe('a target', () => {
  it.each([['db.internal:443'], ['localhost:8989'], ['[::1]:8989'], ['10.1.2.3:1']])(
    '%s is taken as it is',
    (text) => expect(readTarget(text)).toBe(text),
  );

  it.each([
    ['*:443'],
    ['db.internal:*'],
    ['db.internal:0'],
    ['db.internal:65536'],
    ['db.internal'],
    ['db.internal:443\nPermitTunnel yes'],
    ['db.internal:443 any'],
    ['any'],
    ['none'],
    ['-x:1'],
    ['[abc]:1'],
    ['"a":1'],
    ['a%h:1'],
    ['#:1'],
  ])('%j is none', (text) => expect(readTarget(text)).toBeNull());

  it('is one word for sshd, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const target = readTarget(text);
        expect(target === null || /^[\w.:[\]-]+:\d+$/.test(target)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is one word for sshd, whatever groups are called', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' })),
        fc.string({ unit: 'binary' }),
        (groups, system) => {
          const { targets } = chooseTargets({ ...base, system, groups });
          const text = renderPermitOpen(targets);
          expect(text.split('\n')).toHaveLength(3);
          expect(readPermitOpen(text)).toEqual(targets);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('the file for sshd', () => {
  it('says none rather than nothing, which would mean any', () => {
    expect(renderPermitOpen([])).toMatch(/^PermitOpen none$/m);
    expect(readPermitOpen(renderPermitOpen([]))).toEqual([]);
  });

  it('is not taken for one when it is cut off', () => {
    const text = renderPermitOpen(LOOPBACK);
    for (let length = 0; length < text.length; length += 1)
      expect(readPermitOpen(text.slice(0, length))).toBeNull();
  });

  it('is compared with what sshd says it read', () => {
    expect(readEffective('port 22\npermitopen a:1 b:2\npermitlisten none\n')).toEqual(['a:1', 'b:2']);
    expect(readEffective('permitopen none\n')).toEqual([]);
    expect(readEffective('permitopen any\n')).toEqual(['any']);
    expect(readEffective('')).toBeNull();
  });
});
