import { describe, expect, it } from 'vitest';
import { isUnconfigured, planFirstBoot } from '../../../agent/core/first-boot.ts';

const facts = { region: 'eu-west-1', userData: null, systemTag: null, sourceTag: null };
const written = (plan: ReturnType<typeof planFirstBoot>): unknown =>
  plan.kind === 'write' ? { ...JSON.parse(plan.text), from: plan.from } : plan;

describe('the settings that first boot writes', () => {
  it('are those of the user data, with the region of the instance', () => {
    const userData = '{"settings":{"system":"acme","source":{"uri":"s3://b","group":"q"}},"signal":{}}';
    expect(written(planFirstBoot({ ...facts, userData }))).toEqual({
      system: 'acme',
      region: 'eu-west-1',
      source: { uri: 's3://b', group: 'q' },
      from: 'user data',
    });
  });

  it('keep the region that the user data names', () => {
    const userData = '{"settings":{"region":"us-east-1","source":{"uri":"file:///d"}}}';
    expect(written(planFirstBoot({ ...facts, userData }))).toMatchObject({ region: 'us-east-1' });
  });

  it('are made of tags where the user data is for somebody else', () => {
    for (const userData of [null, '#!/bin/sh\necho', '#cloud-config\n', '{"other":1}']) {
      const plan = planFirstBoot({ ...facts, userData, systemTag: 'acme', sourceTag: 's3://b' });
      expect(written(plan)).toEqual({
        system: 'acme',
        region: 'eu-west-1',
        source: { uri: 's3://b' },
        from: 'tags',
      });
    }
  });

  it('are filled from tags where the user data does not say', () => {
    const userData = '{"settings":{"source":{"group":"q"}}}';
    const plan = planFirstBoot({ ...facts, userData, systemTag: 'acme', sourceTag: 's3://b' });
    expect(written(plan)).toMatchObject({ system: 'acme', source: { uri: 's3://b', group: 'q' } });
  });

  it('never come from tags when the user data says otherwise', () => {
    const userData = '{"settings":{"system":"mine","source.uri":"s3://mine"}}';
    const plan = planFirstBoot({ ...facts, userData, systemTag: 'acme', sourceTag: 's3://b' });
    expect(written(plan)).toEqual({
      system: 'mine',
      'source.uri': 's3://mine',
      region: 'eu-west-1',
      from: 'user data',
    });
  });
});

it('nothing is written where nothing was said', () => {
  expect(planFirstBoot(facts)).toMatchObject({ kind: 'nothing' });
  expect(planFirstBoot({ ...facts, userData: '#!/bin/sh' })).toMatchObject({ kind: 'nothing' });
});

it('user data that is meant for the gateway and broken is refused without quoting it', () => {
  for (const userData of ['{"settings": {"system": "s3cret"', '{"settings": "s3cret"}', '{"settings": []}']) {
    const plan = planFirstBoot({ ...facts, userData, systemTag: 'acme' });
    expect(plan).toMatchObject({ kind: 'refused' });
    expect(JSON.stringify(plan)).not.toContain('s3cret');
  }
});

it('a file that a person or an earlier boot wrote is not first boot’s to replace', () => {
  expect(isUnconfigured(null, 'shipped')).toBe(true);
  expect(isUnconfigured('shipped', 'shipped')).toBe(true);
  expect(isUnconfigured('mine', 'shipped')).toBe(false);
  expect(isUnconfigured('', 'shipped')).toBe(false);
  expect(isUnconfigured('mine', null)).toBe(false);
});
