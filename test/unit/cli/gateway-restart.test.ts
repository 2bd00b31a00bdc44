import { describe, expect, it } from 'vitest';
import { AgentError, type ErrorCode } from '../../../agent/core/errors.ts';
import type { GatewayInstance } from '../../../agent/ports/operators.ts';
import type { GatewayCommand, Invocation } from '../../../agent/ports/remote-control.ts';
import { createFakeAws, makeInstance } from '../../fakes/fake-aws.ts';
import { runCli } from '../../support/cli.ts';

const NOW = Date.parse('2026-01-01T12:10:20.000Z');
const ID = '5b7720aa-91c0-4e1f-8000-0123456789ab';
const ANSWER = {
  id: `ssm-${ID}`,
  kind: 'restart',
  outcome: 'done',
  by: 'maria',
  reason: 'new driver',
  message: 'serving',
  requestedAt: '2026-01-01T12:10:00.000Z',
  answeredAt: '2026-01-01T12:10:14.000Z',
  startedAt: '2026-01-01T12:10:05.000Z',
  servingAt: '2026-01-01T12:10:14.000Z',
  drainMs: 2_000,
  stopMs: 2_000,
  startMs: 9_000,
  queriesKilled: 0,
  pidBefore: 2314,
  pidAfter: 4711,
  digest: '9c41f0e2'.padEnd(64, '0'),
};
const invocation = (status: string, fields: Partial<Invocation> = {}): Invocation => ({
  status,
  exitCode: -1,
  stdout: '',
  stderr: '',
  ...fields,
});
const answered = (answer: object = ANSWER, exitCode = 0) =>
  invocation(exitCode === 0 ? 'Success' : 'Failed', { exitCode, stdout: `${JSON.stringify(answer)}\n` });

/** Systems Manager in memory: each look finds the next of `looks`, the last one for ever. */
function world(options: {
  readonly looks?: readonly (Invocation | null | Error)[];
  readonly sendError?: Error;
  readonly instances?: readonly (readonly GatewayInstance[])[];
}) {
  const sent: GatewayCommand[] = [];
  const looks = [...(options.looks ?? [answered()])];
  const instances = [...(options.instances ?? [[makeInstance('i-0abc')]])];
  const next = <T>(list: T[]): T => (list.length > 1 ? (list.shift() as T) : (list[0] as T));
  const aws = {
    ...createFakeAws({ buckets: { 'acme-prod': ['b'] } }),
    instances: { find: async () => next(instances) },
    commands: {
      send: async (command: GatewayCommand) => {
        if (options.sendError !== undefined) throw options.sendError;
        sent.push(command);
        return ID;
      },
      look: async () => {
        const found = next(looks);
        if (found instanceof Error) throw found;
        return found;
      },
    },
  };
  let now = NOW;
  const onSleep = (ms: number) => {
    now += ms;
    return true;
  };
  const run = (...args: string[]) =>
    runCli(['gateway', ...args], {
      aws,
      now: () => now,
      env: { USER: 'maria' },
      onSleep,
    });
  return { sent, run };
}

const denied = (code: ErrorCode, fields: Record<string, unknown> = {}) =>
  new AgentError(code, 'x', { fields });

describe('gateway restart', () => {
  it('sends our document to the instance, follows it, and prints who, when, how long and what runs', async () => {
    const { sent, run } = world({
      looks: [null, invocation('Pending'), invocation('InProgress'), answered()],
    });
    const { exitCode, stdout, stderr } = await run('restart', 'acme-prod', '--reason', 'new driver', '--now');
    expect(sent).toEqual([
      {
        document: 'acme-prod-gateway-restart',
        instance: 'i-0abc',
        parameters: { now: 'true', by: 'maria', reason: 'new driver' },
        comment: 'gatewayctl restart by maria',
      },
    ]);
    expect(stdout).toBe(
      'i-0abc  by maria · asked 12:10:00 · drained 2 s · down 11 s · serving 12:10:14\n' +
        'done: pid 2314 → 4711, release 9c41f0e2, no query killed\n',
    );
    expect(stderr).toBe('i-0abc: waiting for its SSM agent to take the command\ni-0abc: restart runs\n');
    expect(exitCode).toBe(0);
  });

  it('prints the answer as one JSON line, with instance and command', async () => {
    const { exitCode, stdout } = await world({}).run('restart', 'acme-prod', '--json');
    expect(JSON.parse(stdout)).toEqual({ ...ANSWER, instance: 'i-0abc', command: ID });
    expect(exitCode).toBe(0);
  });

  it.each([
    ['failed', 69],
    ['refused', 77],
  ])('that %s ends with %d', async (outcome, code) => {
    const answer = { ...ANSWER, outcome, message: 'the engine names a refused catalog' };
    const { exitCode, stdout } = await world({ looks: [answered(answer, code)] }).run('restart', 'acme-prod');
    expect(stdout).toContain(`${outcome}: the engine names a refused catalog`);
    expect(exitCode).toBe(code);
  });

  it('that has no answer in time says how to follow it, and following it sends nothing', async () => {
    const { run } = world({ looks: [invocation('InProgress')] });
    const { exitCode, stderr } = await run('restart', 'acme-prod', '--wait', '3s');
    expect(stderr).toContain(`Follow it with: gatewayctl gateway restart acme-prod --command ${ID}   [75]\n`);
    expect(exitCode).toBe(75);
    const later = world({});
    expect(await later.run('restart', 'acme-prod', '--command', ID)).toMatchObject({ exitCode: 0 });
    expect(later.sent).toEqual([]);
  });

  it('goes on while Systems Manager asks to slow down', async () => {
    const { exitCode } = await world({
      looks: [denied('AWS_THROTTLED'), denied('AWS_UNREACHABLE'), answered()],
    }).run('restart', 'acme-prod');
    expect(exitCode).toBe(0);
  });

  it.each<[string, Parameters<typeof world>[0], number, string]>([
    [
      'the document is missing',
      { sendError: denied('OPERATOR_MISSING', { reason: 'InvalidDocument' }) },
      69,
      'there is no document acme-prod-gateway-restart in Systems Manager. The stack makes it;',
    ],
    [
      'the instance is not registered',
      { sendError: denied('OPERATOR_REFUSED', { reason: 'InvalidInstanceId' }) },
      75,
      'Systems Manager does not know i-0abc. Its SSM agent may be starting,',
    ],
    [
      'access is denied',
      { sendError: denied('OPERATOR_DENIED', { call: 'ssm:SendCommand', who: 'arn:aws:iam::1:user/jo' }) },
      77,
      'access denied: arn:aws:iam::1:user/jo has no right to ssm:SendCommand',
    ],
    [
      'it is not delivered',
      { looks: [invocation('DeliveryTimedOut')] },
      75,
      'the command did not get to i-0abc (DeliveryTimedOut): nothing was done.',
    ],
    [
      'it cannot be delivered',
      { looks: [invocation('Undeliverable')] },
      75,
      '(Undeliverable): nothing was done.',
    ],
    [
      'its time runs out there',
      { looks: [invocation('ExecutionTimedOut')] },
      69,
      'i-0abc did not answer in the time of its document. What was asked may go on:',
    ],
    ['somebody cancels it', { looks: [invocation('Cancelled')] }, 75, 'was cancelled in Systems Manager.'],
    [
      'Systems Manager knows nothing of it',
      { looks: [null] },
      69,
      `Systems Manager knows no command ${ID} on i-0abc.`,
    ],
    [
      'the instance goes away',
      { looks: [invocation('InProgress')], instances: [[makeInstance('i-0abc')], []] },
      69,
      'i-0abc went away before it answered.',
    ],
    [
      'the gateway cannot take it',
      { looks: [invocation('Failed', { exitCode: 69, stderr: 'there is no /usr/local/bin/gatewayctl\n' })] },
      69,
      'i-0abc: there is no /usr/local/bin/gatewayctl.',
    ],
    ['no gateway runs', { instances: [[]] }, 69, 'no gateway of "acme-prod" is running in eu-west-1.'],
  ])('when %s: one sentence', async (_title, options, code, sentence) => {
    const { exitCode, stdout, stderr } = await world(options).run('restart', 'acme-prod');
    const lines = stderr.trim().split('\n');
    expect(lines.at(-1)).toContain(sentence);
    expect(lines.at(-1)).toMatch(new RegExp(`^gatewayctl: .* {3}\\[${code}\\]$`));
    expect(lines.filter((line) => line.startsWith('gatewayctl:'))).toHaveLength(1);
    expect([exitCode, stdout]).toEqual([code, '']);
  });

  it('does not send a reason that the document would refuse', async () => {
    const { sent, run } = world({});
    const { exitCode, stderr } = await run('restart', 'acme-prod', '--reason', '$(reboot)');
    expect(stderr).toContain('Expected at most 200 of A-Z');
    expect([exitCode, sent.length]).toEqual([2, 0]);
  });
});

describe('gateway poll', () => {
  it('sends its own document, and 65 means that the configuration is refused', async () => {
    const answer = { ...ANSWER, kind: 'poll', outcome: 'refused', message: '2 errors' };
    const { sent, run } = world({ looks: [answered(answer, 65)] });
    const { exitCode, stdout } = await run('poll', 'acme-prod');
    expect(sent[0]).toMatchObject({
      document: 'acme-prod-gateway-poll',
      parameters: { by: 'maria', reason: '' },
    });
    expect(stdout).toBe('i-0abc  by maria\nrefused: 2 errors\n');
    expect(exitCode).toBe(65);
  });
});
