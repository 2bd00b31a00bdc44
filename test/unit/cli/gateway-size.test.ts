import { describe, expect, it } from 'vitest';
import type { ScalingGroup } from '../../../agent/ports/remote-control.ts';
import { createFakeAws } from '../../fakes/fake-aws.ts';
import { createFakeObjects } from '../../fakes/fake-objects.ts';
import { runCli } from '../../support/cli.ts';

const GROUP = 'acme-prod-BastionAutoScalingGroup-1';
const EMPTY: ScalingGroup = { minimum: 0, maximum: 1, desired: 0, instances: [] };
const of = (...lifecycles: string[]): ScalingGroup => ({
  ...EMPTY,
  minimum: 1,
  desired: 1,
  instances: lifecycles.map((lifecycle) => ({ id: 'i-0abc', lifecycle })),
});

/** A scaling group in memory: each look finds the next of `looks`, the last one for ever. */
function world(looks: readonly (ScalingGroup | null)[], names: readonly string[] = [GROUP]) {
  const left = [...looks];
  const resized: number[] = [];
  const bucket = createFakeObjects('b');
  let now = 0;
  const aws = createFakeAws({
    buckets: { 'acme-prod': ['b'] },
    bucket: () => bucket,
    groups: {
      find: async (system) => (system === 'acme-prod' ? names : []),
      look: async () => (left.length > 1 ? (left.shift() ?? null) : (left[0] ?? null)),
      resize: async (_group, size) => void resized.push(size),
    },
  });
  const onSleep = (ms: number) => {
    now += ms;
    if (now > 20_000) bucket.put('acme-prod/datomic/gateway/status/i-0abc.json', '{}', now);
    return true;
  };
  const run = (...args: string[]) => runCli(['gateway', ...args], { aws, now: () => now, onSleep });
  return { resized, run };
}

describe('gateway enable', () => {
  it('sets the group to one instance', async () => {
    const { resized, run } = world([EMPTY]);
    const { exitCode, stdout, stderr } = await run('enable', 'acme-prod');
    expect(stderr).toBe(
      `enabled the gateway of acme-prod (scaling group ${GROUP}); this takes a few minutes\n`,
    );
    expect([exitCode, stdout, resized]).toEqual([0, '', [1]]);
  });

  it('waits until the instance is in service and has put its status', async () => {
    const { run } = world([EMPTY, EMPTY, of('Pending'), of('Pending:Wait'), of('InService')]);
    const { exitCode, stdout, stderr } = await run('enable', 'acme-prod', '--wait');
    expect(stderr.trim().split('\n').slice(1)).toEqual([
      'waiting for the group to launch an instance',
      'i-0abc is pending',
      'i-0abc is in service; waiting for its status in the bucket',
    ]);
    expect(stdout).toBe('i-0abc is in service and has put its status\n');
    expect(exitCode).toBe(0);
  });

  it('does nothing when it is so already, and still waits', async () => {
    const { resized, run } = world([of('InService')]);
    const { exitCode, stdout, stderr } = await run('enable', 'acme-prod', '--wait', '--json');
    expect(stderr).toContain('was enabled before');
    expect(JSON.parse(stdout)).toEqual({
      system: 'acme-prod',
      group: GROUP,
      size: 1,
      changed: false,
      instance: 'i-0abc',
    });
    expect([exitCode, resized]).toEqual([0, []]);
  });

  it('respects a group that may have no instance', async () => {
    const { resized, run } = world([{ ...EMPTY, maximum: 0 }]);
    const { exitCode, stderr } = await run('enable', 'acme-prod');
    expect(stderr).toContain('may have no instance (maximum 0). Raise its maximum in the stack.');
    expect([exitCode, resized]).toEqual([69, []]);
  });

  it('says what it waits for when the time is up', async () => {
    const { run } = world([of('Pending')]);
    const { exitCode, stderr } = await run('enable', 'acme-prod', '--wait', '--timeout', '10s');
    expect(stderr).toContain('gatewayctl: not done after 10 s: i-0abc is pending. It goes on;');
    expect(exitCode).toBe(75);
  });
});

describe('gateway disable', () => {
  it('sets the group to none and waits until the instance is gone', async () => {
    const { resized, run } = world([of('InService'), of('Terminating'), EMPTY]);
    const { exitCode, stdout, stderr } = await run('disable', 'acme-prod', '--wait');
    expect(stderr).toContain('i-0abc is terminating\n');
    expect([exitCode, stdout, resized]).toEqual([0, 'the gateway is gone\n', [0]]);
  });

  it('does nothing the second time', async () => {
    const { resized, run } = world([EMPTY]);
    expect(await run('disable', 'acme-prod')).toMatchObject({ exitCode: 0 });
    expect(resized).toEqual([]);
  });

  it.each<[string, string, readonly string[], readonly (ScalingGroup | null)[], number, string]>([
    [
      'no group has the tag',
      'acme-prod',
      [],
      [EMPTY],
      69,
      'no scaling group has a tag of the value "acme-prod-bastion"',
    ],
    [
      'the system is unknown',
      'acme-prd',
      [],
      [EMPTY],
      2,
      'system "acme-prd" not found in eu-west-1; did you mean "acme-prod"?',
    ],
    [
      'two groups have it',
      'acme-prod',
      ['a', 'b'],
      [EMPTY],
      2,
      '"acme-prod" has several scaling groups: a, b',
    ],
    ['the group is being deleted', 'acme-prod', [GROUP], [null], 69, `the scaling group ${GROUP} is gone`],
  ])('when %s: one sentence', async (_title, system, names, looks, code, sentence) => {
    const { exitCode, stderr } = await world(looks, names).run('disable', system);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(exitCode).toBe(code);
  });
});
