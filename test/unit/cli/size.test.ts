import { describe, expect, it } from 'vitest';
import { parseEngineName } from '../../../agent/core/engine-name.ts';
import { runCli } from '../../support/cli.ts';

const size = (...args: string[]) => runCli(['size', ...args]);
const ASKED = ['--memory', '8GiB', '--cpus', '2', '--engine', 'presto'];

describe('gatewayctl size', () => {
  it('says verdict and heap first, then adds up how it comes to that', async () => {
    const { stdout, stderr, exitCode } = await size(...ASKED);
    expect([stderr, exitCode]).toEqual(['', 0]);
    const lines = stdout.split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'sufficient  heap 5.8 GiB',
      'asked for   8 GiB, 2 CPUs, PrestoSQL 350, Java 17',
      '',
    ]);
    expect(stdout).toContain('=  7462 MiB for the analytics process\n');
    expect(stdout).toContain('-  5952 MiB heap: 80 % of it, in steps of 32 MiB\n');
    expect(stdout).toContain('-XX:+ExitOnOutOfMemoryError');
  });

  it('says which types are enough when the machine is too small, and ends with 0', async () => {
    const { stdout, exitCode } = await size('--memory', '1GiB', '--cpus', '2', '--engine', 'trino');
    expect(stdout).toMatch(/^too small {3}the analytics process is not started; client access works\n/);
    expect(stdout).toContain('a heap below 768 MiB is of no use; the machine needs 1600 MiB');
    expect(stdout).toContain('enough      t3.small, t3a.small, t4g.small and larger');
    expect(exitCode).toBe(0);
  });

  it('fits 80 columns, for the smallest machine and the largest, and for the table', async () => {
    for (const args of [['--memory', '512MiB'], ['--memory', '768GiB', '--cpus', '96'], ASKED, ['--types']]) {
      const { stdout } = await size(...args);
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });

  it('prints the plan as JSON, sizes in bytes', async () => {
    const { stdout } = await size(...ASKED, '--json');
    const plan = JSON.parse(stdout) as Record<string, unknown>;
    expect(plan).toMatchObject({
      verdict: 'sufficient',
      memory: 8 * 1024 ** 3,
      cpus: 2,
      engine: { name: 'presto', version: '350', java: '17' },
      heap: 5952 * 1024 ** 2,
      limits: { analytics: { MemorySwapMax: '0' }, agent: { MemoryMin: '67108864' } },
      enough: ['t3.small', 't3a.small', 't4g.small'],
    });
  });

  it('prints every instance type as JSON, with its verdict', async () => {
    const { stdout } = await size('--types', '--json', '--engine', 'trino');
    const { types } = JSON.parse(stdout) as { types: { name: string }[] };
    expect(types.find(({ name }) => name === 't4g.nano')).toEqual({
      name: 't4g.nano',
      architecture: 'arm64',
      cpus: 2,
      memory: 512 * 1024 ** 2,
      verdict: 'too-small',
      heap: 0,
    });
    expect(types.length).toBeGreaterThan(100);
  });

  it('prints the drop-in of a unit and nothing else', async () => {
    const { stdout } = await size('--memory', '4GiB', '--engine', 'presto', '--unit-limits', 'analytics');
    expect(stdout).toMatch(/^# Written at boot.*\n\[Service\]\n(?:# .*\nMemory\w+=\d+\n)+$/);
  });

  it('plans for the machine that it runs on', async () => {
    const { stdout } = await size('--json', '--engine', 'presto');
    expect((JSON.parse(stdout) as { memory: number }).memory).toBeGreaterThan(256 * 1024 ** 2);
  });

  it.each([
    [['--memory', 'much'], 'Expected a size such as 512MiB or 8GiB.'],
    [['--memory', '0GiB'], 'Expected a size such as 512MiB or 8GiB.'],
    [['--cpus', '0'], 'Expected a whole number above 0.'],
    [['--engine', 'spark'], 'Expected presto, trino, or one with its release such as presto-348.'],
    [['--unit-limits', 'nobody'], 'Allowed choices are analytics, agent, slice.'],
    [['--types', '--unit-limits', 'agent'], '--types is about all instance types'],
    [['--types', '--memory', '8GiB'], 'Leave out --memory, --cpus and --unit-limits.'],
    [['--unit-limits', 'agent', '--json'], 'Take the limits from --json alone.'],
  ])('refuses %j as usage', async (args, message) => {
    const { stdout, stderr, exitCode } = await size(...args);
    expect([stdout, exitCode]).toEqual(['', 2]);
    expect(stderr).toContain(message);
  });
});

it.each([
  ['presto', '350', '17'],
  ['presto-348', '348', '11'],
  ['trino', '476', '25'],
  ['trino-435', '435', '17'],
])('the engine %s is release %s on Java %s', (name, version, java) => {
  expect(parseEngineName(name)).toEqual({ name: name.replace(/-.*/, ''), version, java });
});

it('a release under the other name is no engine', () => {
  expect(['presto-476', 'trino-350', 'presto-', 'Presto'].map(parseEngineName)).toEqual(Array(4).fill(null));
});
