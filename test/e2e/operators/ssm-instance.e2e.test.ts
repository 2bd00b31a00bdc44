/** The documents' scripts as they are, run by root on an installed instance, as the SSM agent does it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Answer } from '../../../agent/core/answer.ts';
import { disposeInstances } from '../../support/instance.ts';
import { createGateway, type Gateway } from '../../support/instance-gateway.ts';
import { FILES } from '../../support/rows.ts';
import { chooseValues, prepareStep, readDocument } from '../../support/ssm-document.ts';

let gateway: Gateway;

beforeAll(async () => {
  gateway = await createGateway();
  await gateway.sync(FILES);
  await gateway.instance.boot();
  await gateway.waitForProven();
});
afterAll(async () => {
  await gateway.close();
  await disposeInstances();
});

interface Ways {
  readonly way?: 'environment' | 'text';
  readonly commandId?: string;
  /** What is run in place of gatewayctl. */
  readonly command?: string;
}

async function runDocument(kind: 'restart' | 'poll', ways: Ways = {}) {
  const { way = 'environment', commandId = randomUUID(), command = '/usr/local/bin/gatewayctl' } = ways;
  const document = readDocument(kind);
  const values = chooseValues(document, { by: 'maria', reason: 'new driver', wait: '60s' });
  const { script, env } = prepareStep(document, { values, way, commandId });
  const altered = script.replace('command=/usr/local/bin/gatewayctl\n', `command=${command}\n`);
  await gateway.instance.write('/var/lib/amazon/ssm/_script.sh', altered, 0o700);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return await gateway.instance.run('env', ...variables, 'sh', '/var/lib/amazon/ssm/_script.sh');
}

it('a restart that is delivered twice restarts once, as the agent’s user', async () => {
  const { instance } = gateway;
  const commandId = randomUUID();
  const before = gateway.engineStarts();
  const first = await runDocument('restart', { commandId });
  expect(first).toMatchObject({ status: 0, stderr: '' });
  const answer = JSON.parse(first.stdout) as Answer;
  expect(answer).toMatchObject({
    id: `ssm-${commandId}`,
    outcome: 'done',
    by: 'maria',
    reason: 'new driver',
  });
  expect(answer.pidAfter).toBe((await gateway.status())?.analytics.pid);
  expect(await runDocument('restart', { commandId, way: 'text' })).toEqual(first);
  expect(gateway.engineStarts()).toBe(before + 1);
  // Filed by the agent's user: of any other but root it would have been refused.
  expect(await instance.sh(`stat -c %U /var/lib/datomic-gateway/answers/ssm-${commandId}.json`)).toBe(
    'datomic-gateway',
  );
});

it.each(['restart', 'poll'] as const)(
  'what a %s runs has no way back to what the SSM agent may do',
  async (kind) => {
    const { instance } = gateway;
    const command = '/usr/local/bin/show-privileges';
    await instance.write(command, '#!/bin/sh\nid -un\ncat /proc/self/status\n', 0o755);
    const { status, stdout } = await runDocument(kind, { command });
    expect([status, stdout.split('\n')[0]]).toEqual([0, 'datomic-gateway']);
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(stdout)?.[1]?.trim();
    expect(field('NoNewPrivs')).toBe('1');
    for (const capabilities of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect(field(capabilities), capabilities).toMatch(/^0+$/);
    }
    expect(field('Groups')).toBe('');
  },
);

it('a poll looks at the source', async () => {
  const ran = await runDocument('poll');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(ran.stdout)).toMatchObject({ kind: 'poll', outcome: 'done' });
});
