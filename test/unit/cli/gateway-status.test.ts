import { describe, expect, it } from 'vitest';
import { createFakeAws } from '../../fakes/fake-aws.ts';
import { createFakeObjects } from '../../fakes/fake-objects.ts';
import { statusDocument } from '../../fakes/status.ts';
import { runCli } from '../../support/cli.ts';

const NOW = Date.parse('2026-01-01T12:05:00.000Z');
const MINUTE = 60_000;
const PREFIX = 'acme-prod/datomic/gateway/status/';

function world() {
  const bucket = createFakeObjects('acme-bucket');
  const aws = createFakeAws({ buckets: { 'acme-prod': ['acme-bucket'] }, bucket: () => bucket });
  const run = (...args: string[]) => runCli(['gateway', 'status', ...args], { aws, now: NOW });
  const put = (name: string, agoMs: number) =>
    bucket.put(
      `${PREFIX}${name}.json`,
      JSON.stringify(
        statusDocument({ instance: { id: name, type: 't3.large', memory: 8 * 1024 ** 3, cpus: 2 } }),
      ),
      NOW - agoMs,
    );
  return { bucket, run, put };
}

describe('gateway status', () => {
  it('shows the newest copy, its age, and who else runs', async () => {
    const { run, put } = world();
    put('i-old', 12 * MINUTE);
    put('i-new', 3 * MINUTE);
    put('i-gone', 90 * MINUTE);
    const { exitCode, stdout, stderr } = await run('acme-prod');
    expect(stdout).toContain('acme-prod  i-new  t3.large 8 GiB');
    expect(stdout).toContain('SERVING');
    expect(stdout).toContain('copy of i-new, 3 m ago; i-old also runs\n');
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it('prints the document as it is with --json', async () => {
    const { run, put } = world();
    put('i-new', 0);
    const { exitCode, stdout } = await run('acme-prod', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, instance: { id: 'i-new' } });
    expect(exitCode).toBe(0);
  });

  it('that is old is shown, and ends with 69', async () => {
    const { run, put } = world();
    put('i-new', 21 * MINUTE);
    const { exitCode, stdout, stderr } = await run('acme-prod');
    expect(stdout).toContain('copy of i-new, 21 m ago');
    expect(stderr).toContain('this status is 21 m old: the gateway does not run, or cannot reach S3.');
    expect(exitCode).toBe(69);
  });

  it('that was never written says how to start a gateway', async () => {
    const { exitCode, stdout, stderr } = await world().run('acme-prod');
    expect(stderr).toBe(
      'gatewayctl: no gateway of "acme-prod" has ever put a status into the bucket. Start one with `gatewayctl gateway enable acme-prod`, or let its role put objects below acme-prod/datomic/gateway/status/.   [69]\n',
    );
    expect([exitCode, stdout]).toEqual([69, '']);
  });

  it('that is none is said to be none', async () => {
    const { run, bucket } = world();
    bucket.put(`${PREFIX}i-1.json`, '{"version":2}', NOW);
    const { exitCode, stderr } = await run('acme-prod');
    expect(stderr).toContain('is no status document of version 1');
    expect(exitCode).toBe(69);
  });
});
