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

async function runDocument(kind: 'restart' | 'poll', way: 'environment' | 'text', commandId: string) {
  const document = readDocument(kind);
  const values = chooseValues(document, { by: 'maria', reason: 'new driver', wait: '60s' });
  const { script, env } = prepareStep(document, { values, way, commandId });
  await gateway.instance.write('/var/lib/amazon/ssm/_script.sh', script, 0o700);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return await gateway.instance.run('env', ...variables, 'sh', '/var/lib/amazon/ssm/_script.sh');
}

it.each(['runuser', 'setpriv'])(
  'a restart that is delivered twice restarts once, as the agent’s user (%s)',
  async (program) => {
    const { instance } = gateway;
    // The script takes whichever of the two the distribution has.
    if (program === 'setpriv') await instance.sh('mv /usr/sbin/runuser /usr/sbin/runuser.away');
    const commandId = randomUUID();
    const before = gateway.engineStarts();
    try {
      const first = await runDocument('restart', 'environment', commandId);
      expect(first).toMatchObject({ status: 0, stderr: '' });
      const answer = JSON.parse(first.stdout) as Answer;
      expect(answer).toMatchObject({
        id: `ssm-${commandId}`,
        outcome: 'done',
        by: 'maria',
        reason: 'new driver',
      });
      expect(answer.pidAfter).toBe((await gateway.status())?.analytics.pid);
      expect(await runDocument('restart', 'text', commandId)).toEqual(first);
      expect(gateway.engineStarts()).toBe(before + 1);
      // Filed by the agent's user: of any other but root it would have been refused.
      expect(await instance.sh(`stat -c %U /var/lib/datomic-gateway/answers/ssm-${commandId}.json`)).toBe(
        'datomic-gateway',
      );
    } finally {
      if (program === 'setpriv') await instance.sh('mv /usr/sbin/runuser.away /usr/sbin/runuser');
    }
  },
);

it('a poll looks at the source', async () => {
  const ran = await runDocument('poll', 'environment', randomUUID());
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(ran.stdout)).toMatchObject({ kind: 'poll', outcome: 'done' });
});
