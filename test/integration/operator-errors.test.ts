/** Whatever is wrong between an operator and AWS: one sentence, what to do, the right exit code, no stack trace. */

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createOperatorWorld, type OperatorWorld } from '../support/operator-world.ts';

const FILES = { 'datomic/orders.edn': '{:tables {:order/id {}}}\n' };

/** The commands that begin by looking for the system's bucket. */
const COMMANDS: readonly (readonly [string, (world: OperatorWorld, system: string) => readonly string[]])[] =
  [
    ['analytics sync', (world, system) => ['analytics', 'sync', system, world.lay('config', FILES)]],
    ['gateway status', (_world, system) => ['gateway', 'status', system]],
    ['gateway keys', (_world, system) => ['gateway', 'keys', system]],
  ];

interface Trouble {
  readonly env?: (world: OperatorWorld) => Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly system?: (world: OperatorWorld) => string;
  readonly prepare?: (world: OperatorWorld) => Promise<unknown>;
  /** The answer to every call. */
  readonly answer?: { readonly status: number; readonly body: object };
  readonly says: RegExp;
  readonly exitCode: number;
}

const sso = (world: OperatorWorld): Readonly<Record<string, string>> => {
  const file = path.join(world.home, 'aws-config');
  writeFileSync(
    file,
    `[sso-session s]\nsso_start_url = https://127.0.0.1:9/start\nsso_region = eu-west-1\n[profile work]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = dev\nregion = eu-west-1\n`,
  );
  return { AWS_CONFIG_FILE: file, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
};

/** As the services that speak JSON say it. */
const failure = (type: string, message: string) => ({ status: 400, body: { __type: type, message } });

const TROUBLES: Readonly<Record<string, Trouble>> = {
  'no credentials': {
    env: () => ({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }),
    says: /: no AWS credentials found\. Set AWS_PROFILE, or log in with `aws sso login`\./,
    exitCode: 77,
  },
  'a log-in by SSO that is over': {
    env: sso,
    args: ['-p', 'work'],
    says: /: the AWS session has expired\. Log in again with `aws sso login`/,
    exitCode: 77,
  },
  'expired credentials': {
    answer: failure('ExpiredTokenException', 'The security token is expired'),
    says: /: the AWS credentials have expired\. Log in again with `aws sso login`/,
    exitCode: 77,
  },
  'keys that AWS does not know': {
    answer: failure('UnrecognizedClientException', 'The security token is invalid'),
    says: /: AWS does not accept the credentials \(UnrecognizedClientException\)\. Check AWS_PROFILE or -p/,
    exitCode: 77,
  },
  'no right to the first call': {
    answer: failure(
      'AccessDeniedException',
      'User: arn:aws:iam::123456789012:user/maria is not authorized to perform: tag:GetResources',
    ),
    says: /: access denied: arn:aws:iam::123456789012:user\/maria has no right to tag:GetResources\. Ask for it/,
    exitCode: 77,
  },
  'a service that asks to slow down': {
    answer: failure('ThrottlingException', 'Rate exceeded'),
    says: /: AWS asks to slow down: tag:GetResources\. Try again in a minute\./,
    exitCode: 75,
  },
  'a network that is down': {
    env: () => ({ AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }),
    says: /: cannot reach 127\.0\.0\.1 for tag:GetResources \(ECONNREFUSED\)\. Check the network/,
    exitCode: 75,
  },
  'no region': {
    env: () => ({ AWS_REGION: '' }),
    says: /: no AWS region is set\. Give -r REGION, or set AWS_REGION\./,
    exitCode: 2,
  },
  // moto shows buckets in every region; the tagging service itself only those of the region that is asked.
  'another region': {
    args: ['-r', 'us-east-1'],
    answer: { status: 200, body: { ResourceTagMappingList: [] } },
    says: /: system "[\w-]+" not found in us-east-1\. There is no system at all: check account and region/,
    exitCode: 2,
  },
  'a system that is misspelt': {
    system: ({ system }) => `${system.slice(0, -1)}_`,
    says: /: system "[\w-]+_" not found in eu-west-1; did you mean "sys-[\w-]+"\?/,
    exitCode: 2,
  },
  'a name that is none of a system': {
    system: () => '../other',
    says: /: "\.\.\/other" is no name of a system\. Use letters, digits/,
    exitCode: 2,
  },
  'two buckets of one system': {
    prepare: (world) => world.addBucket(),
    says: /: system "[\w-]+" has 2 buckets: test-[\w-]+ and test-[\w-]+\. Remove the tag datomic:system/,
    exitCode: 2,
  },
};

/** A stand-in for AWS that knows one answer. */
async function startAnswering(answer: NonNullable<Trouble['answer']>): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response
      .writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const oneSentence = (exitCode: number) => new RegExp(`^gatewayctl: [^\\n]+ {3}\\[${exitCode}\\]\\n$`);

describe.each(Object.entries(TROUBLES))('%s', (_title, trouble) => {
  it.each(COMMANDS)('ends %s with one sentence, the remedy and its exit code', async (_name, argsOf) => {
    const world = await createOperatorWorld();
    await trouble.prepare?.(world);
    const failing =
      trouble.answer === undefined ? {} : { AWS_ENDPOINT_URL: await startAnswering(trouble.answer) };
    const args = [...argsOf(world, trouble.system?.(world) ?? world.system), ...(trouble.args ?? [])];
    const { code, stderr } = await world.run(args, { ...trouble.env?.(world), ...failing });
    expect(stderr).toMatch(trouble.says);
    expect(stderr).toMatch(oneSentence(trouble.exitCode));
    expect(code).toBe(trouble.exitCode);
  });
});

describe('no gateway', () => {
  it('ends gateway status with how to start one', async () => {
    const world = await createOperatorWorld();
    const { code, stderr } = await world.run(['gateway', 'status', world.system]);
    expect(stderr).toMatch(
      /has ever put a status into the bucket\. Start one with `gatewayctl gateway enable/,
    );
    expect(stderr).toMatch(oneSentence(69));
    expect(code).toBe(69);
  });

  it('ends analytics sync --wait with what it did, and how to go on', async () => {
    const world = await createOperatorWorld();
    const config = world.lay('config', FILES);
    const args = ['analytics', 'sync', world.system, config, '--wait', '--wait-timeout', '1s'];
    const { code, stderr } = await world.run(args);
    expect(stderr).toMatch(
      /: synced, but no gateway has taken it after 1 s: waiting for the gateway\. Look with/,
    );
    expect(code).toBe(75);
  });
});
