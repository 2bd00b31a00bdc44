/** First boot in this process, with real files and a stand-in of instance metadata; nothing is restarted. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { renderShipperConfig } from '../../agent/core/log-shipping.ts';
import { renderUserData } from '../support/booted-image.ts';
import { runCli } from '../support/cli.ts';
import { startLaunchStub } from '../support/instance-stubs.ts';
import { makeScratch } from '../support/scratch.ts';

const GROUP = '/datomic-gateway/acme';

async function boot(options: { readonly group: string; readonly hasShipper: boolean }) {
  const directory = await makeScratch();
  const at = (name: string) => path.join(directory, name);
  const launch = await startLaunchStub();
  const userData = await renderUserData({
    System: 'acme',
    'AWS::Region': 'eu-west-1',
    'AWS::StackId': 'arn:aws:cloudformation:eu-west-1:123456789012:stack/gateway/1',
    Bucket: 'acme-bucket',
    Group: 'auto',
    LogGroupName: options.group,
  });
  launch.answer({ userData, isThere: true });
  if (options.hasShipper) await writeFile(at('gateway.conf'), '[Unit]\n');
  const args = ['--config', at('agent.json'), 'first-boot', '--shipped', at('shipped.json')];
  const run = await runCli([...args, '--shipper', at('gateway.conf')], {
    env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: launch.url },
  });
  return { run, read: (name: string) => readFile(at(name), 'utf8').catch(() => null) };
}

it('tells the CloudWatch agent of an image that has one where the log goes', async () => {
  const { run, read } = await boot({ group: GROUP, hasShipper: true });
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  expect(run.stdout).toContain(`the log goes to ${GROUP} in CloudWatch`);
  expect(await read('cloudwatch-agent.json')).toBe(renderShipperConfig(GROUP, 'eu-west-1'));
  expect(JSON.parse((await read('agent.json')) ?? '')).toMatchObject({ system: 'acme' });
});

it('says that an image without one sends nothing, and sets the gateway up all the same', async () => {
  const { run, read } = await boot({ group: GROUP, hasShipper: false });
  expect(run.exitCode).toBe(0);
  expect(run.stderr).toMatch(
    /^gatewayctl: the log should go to \/datomic-gateway\/acme .*log_shipper=cloudwatch\.\n$/,
  );
  expect(await read('cloudwatch-agent.json')).toBeNull();
  expect(JSON.parse((await read('agent.json')) ?? '')).toMatchObject({ system: 'acme' });
});

it('leaves the CloudWatch agent alone where the stack wants no log', async () => {
  const { run, read } = await boot({ group: '', hasShipper: true });
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await read('cloudwatch-agent.json')).toBeNull();
});
