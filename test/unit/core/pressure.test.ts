import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  judgePressure,
  type MemoryReading,
  type Pressure,
  parseStall,
  type Stall,
} from '../../../agent/core/pressure.ts';

const MIB = 1024 ** 2;
const CALM: Stall = { some10: 0, some60: 0, full10: 0, full60: 0 };

const reading = (changes: {
  readonly machine?: Partial<Stall>;
  readonly availableMib?: number;
  readonly group?: Partial<Stall>;
  readonly usedMib?: number;
}): MemoryReading => ({
  machine: {
    stall: { ...CALM, ...changes.machine },
    totalBytes: 1_000 * MIB,
    availableBytes: (changes.availableMib ?? 500) * MIB,
  },
  group: {
    stall: { ...CALM, ...changes.group },
    workingSetBytes: (changes.usedMib ?? 100) * MIB,
    limitBytes: 1_000 * MIB,
  },
});

/** What is said after these readings, one after the other. */
const follow = (...readings: readonly MemoryReading[]) => {
  let said: Pressure | null = null;
  return readings.map((one) => {
    said = judgePressure(said, one);
    return said?.reason ?? null;
  });
};

describe('the kernel’s text', () => {
  test('is read as percentages', () => {
    const text =
      'some avg10=74.69 avg60=32.92 avg300=9.34 total=35756404\nfull avg10=0.48 avg60=0.66 avg300=0.29 total=1451636\n';
    expect(parseStall(text)).toEqual({ some10: 74.69, some60: 32.92, full10: 0.48, full60: 0.66 });
  });

  test('is nothing when it is something else', () => {
    for (const text of [
      '',
      'some avg10=1.00 avg60=1.00 avg300=0.00 total=0\n',
      'full of nonsense',
      'some avg10=x',
    ]) {
      expect(parseStall(text)).toBeNull();
    }
  });
});

describe('what is said of memory', () => {
  test('nothing while none is short, or nothing is known', () => {
    expect(follow(reading({}), { machine: null, group: null })).toEqual([null, null]);
    const unlimited = { machine: null, group: { stall: null, workingSetBytes: 9, limitBytes: null } };
    expect(follow(unlimited)).toEqual([null]);
  });

  test('an analytics process near its limit, before it is at it', () => {
    expect(judgePressure(null, reading({ usedMib: 975 }))).toEqual({
      reason: 'NearLimit',
      message:
        'the analytics process has 975 MiB of the 1000 MiB that it may have; at the limit the kernel ends it. ' +
        'Fewer or smaller queries at a time, or a larger instance type (gatewayctl size --types)',
    });
  });

  test('what is said first is what ends a process soonest', () => {
    const all = { usedMib: 990, availableMib: 10, group: { some10: 50 }, machine: { some10: 50 } };
    expect(follow(reading(all))).toEqual(['NearLimit']);
    expect(follow(reading({ ...all, usedMib: 100 }))).toEqual(['MachineNearlyFull']);
    expect(follow(reading({ ...all, usedMib: 100, availableMib: 500 }))).toEqual(['AnalyticsStalls']);
    expect(follow(reading({ machine: { full10: 6 } }))).toEqual(['MachineStalls']);
  });

  test('stays until it is well below, and the last minute was calm', () => {
    expect(
      follow(
        reading({ group: { some10: 9 } }),
        reading({ group: { some10: 11, some60: 3 } }),
        reading({ group: { some10: 0, some60: 4 } }),
        reading({ group: { some10: 2, some60: 2, full60: 1.5 } }),
        reading({ group: { some10: 2, some60: 2 } }),
        reading({ group: { some10: 9 } }),
      ),
    ).toEqual([null, 'AnalyticsStalls', 'AnalyticsStalls', 'AnalyticsStalls', null, null]);
    expect(follow(reading({ usedMib: 970 }), reading({ usedMib: 945 }), reading({ usedMib: 939 }))).toEqual([
      'NearLimit',
      'NearLimit',
      null,
    ]);
    expect(
      follow(reading({ availableMib: 29 }), reading({ availableMib: 49 }), reading({ availableMib: 51 })),
    ).toEqual(['MachineNearlyFull', 'MachineNearlyFull', null]);
  });

  test('does not flap, whatever the readings: a value between the thresholds never changes what is said', () => {
    const between = fc.record({
      group: fc.record({
        some10: fc.double({ min: 3, max: 9.9, noNaN: true }),
        some60: fc.double({ min: 0, max: 100, noNaN: true }),
      }),
    });
    fc.assert(
      fc.property(fc.array(between, { minLength: 1, maxLength: 20 }), fc.boolean(), (changes, isStalled) => {
        const first = reading({ group: { some10: isStalled ? 20 : 0 } });
        const [said, ...after] = follow(first, ...changes.map(reading));
        expect(new Set(after)).toEqual(new Set([said]));
      }),
    );
  });
});

/** A recorded look: what was read a moment before systemd told how it ended. */
interface Recorded {
  readonly state: string;
  readonly reading: MemoryReading;
}

/** test/cases/pressure/ORIGIN.md says how the lines came about. */
function readRecording(name: string): readonly Recorded[] {
  const lines = readFileSync(`test/cases/pressure/${name}.txt`, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [, state = '', totalKib, availableKib, machine = '', group = '', current, max, idle] =
      /^(\S+) total=(\d+) available=(\d+) \| (.*?) \|(?: (.*?) \| current=(\d+) max=(\w+) inactive_file=(\d+))?$/.exec(
        line,
      ) ?? [];
    expect(state, line).not.toBe('');
    return {
      state,
      reading: {
        machine: {
          stall: parseStall(machine.replace(' / ', '\n')),
          totalBytes: Number(totalKib) * 1_024,
          availableBytes: Number(availableKib) * 1_024,
        },
        group:
          current === undefined
            ? null
            : {
                stall: parseStall(group.replace(' / ', '\n')),
                workingSetBytes: Number(current) - Number(idle),
                limitBytes: max === 'max' ? null : Number(max),
              },
      },
    };
  });
}

describe('on recorded machines', () => {
  test.each([
    ['jvm-over-its-limit', 'NearLimit'],
    ['machine-runs-out', 'MachineNearlyFull'],
  ])('%s: %s is said before the kernel ends the process', (name, reason) => {
    const running = readRecording(name).filter(({ state }) => state === 'running');
    expect(follow(...running.map((one) => one.reading)).at(-1)).toBe(reason);
  });

  test('a process that reads the same file again and again, for want of room to keep it, is said to stall', () => {
    const said = follow(...readRecording('page-cache-thrash').map((one) => one.reading));
    expect(said).toContain('AnalyticsStalls');
  });

  test('nothing is said of a JVM that starts, and that ends itself for want of heap', () => {
    const [first, second] = readRecording('jvm-over-its-limit');
    expect(follow(...[first, second].flatMap((one) => one?.reading ?? []))).toEqual([null, null]);
  });
});
