import { describe, expect, test } from 'vitest';
import type { RenderingInputs } from '../../../agent/core/release.ts';
import { planMemory } from '../../../agent/core/sizing.ts';
import { stickInputs } from '../../../agent/core/sticky-inputs.ts';
import { renderingInputs, STAND_IN } from '../../support/releases.ts';

const GIB = 1024 ** 3;
const withMemory = (totalBytes: number, overrides: Partial<RenderingInputs> = {}) =>
  renderingInputs({ memoryPlan: planMemory({ totalBytes, cpus: 2, engine: STAND_IN }), ...overrides });

describe('what is merely late or jitters changes no rendering', () => {
  const before = withMemory(4 * GIB);
  const rows: readonly [string, RenderingInputs, Partial<RenderingInputs>][] = [
    ['the region is not known yet', withMemory(4 * GIB, { region: null }), { region: 'eu-west-1' }],
    ['settings name another region', withMemory(4 * GIB, { region: 'us-east-1' }), { region: 'us-east-1' }],
    ['a little less memory', withMemory(4 * GIB - GIB / 32), { memoryPlan: before.memoryPlan }],
    ['a little more memory', withMemory(4 * GIB + GIB / 32), { memoryPlan: before.memoryPlan }],
    ['another machine', withMemory(8 * GIB), { memoryPlan: withMemory(8 * GIB).memoryPlan }],
    [
      'another Java on the same machine',
      withMemory(4 * GIB - 1, { engine: { ...STAND_IN, java: '25' } }),
      { memoryPlan: withMemory(4 * GIB - 1).memoryPlan },
    ],
    ['another group', withMemory(4 * GIB, { group: 'queries' }), { group: 'queries' }],
  ];

  test.each(rows)('%s', (_, current, expected) => {
    expect(stickInputs(before, current)).toMatchObject(expected);
  });
});

test('the first rendering takes what there is', () => {
  const current = withMemory(4 * GIB, { region: null });
  expect(stickInputs(null, current)).toBe(current);
});

test('memory that creeps away in small steps is noticed, since the plan remembers what it was made for', () => {
  let inputs = withMemory(4 * GIB);
  const first = inputs.memoryPlan;
  for (let step = 1; step <= 10; step += 1)
    inputs = stickInputs(inputs, withMemory(4 * GIB - (step * GIB) / 20));
  expect(inputs.memoryPlan).not.toEqual(first);
});
