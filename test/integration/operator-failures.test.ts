/**
 * The commands that reach a gateway, in every situation in which they cannot: one sentence, the remedy, the exit code.
 * Those that only look into the bucket are in operator-errors.test.ts, with the built program.
 */
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { createOperatorAws } from '../../agent/adapters/operator-aws.ts';
import type { OperatorAwsOptions } from '../../agent/ports/operators.ts';
import { runCli } from '../support/cli.ts';
import { findFreePort } from '../support/free-port.ts';
import { createOperatorWorld, type OperatorWorld } from '../support/operator-world.ts';
import { startEmptyRegion, startRefusingAws } from '../support/refusing-aws.ts';

type Args = (system: string, port: string) => readonly string[];

const COMMANDS: Readonly<Record<string, Args>> = {
  'analytics access': (system, port) => ['analytics', 'access', system, '--port', port],
  'client access': (system, port) => ['client', 'access', system, '--port', port],
  'client access --check': (system, port) => ['client', 'access', system, '--check', '--port', port],
  'gateway restart': (system) => ['gateway', 'restart', system],
  'gateway restart --ssh': (system) => ['gateway', 'restart', system, '--ssh'],
  'gateway poll': (system) => ['gateway', 'poll', system],
  'gateway enable': (system) => ['gateway', 'enable', system],
  'gateway disable': (system) => ['gateway', 'disable', system],
};
const names = Object.keys(COMMANDS);
const allBut = (...left: readonly string[]) => names.filter((name) => !left.includes(name));

interface Situation {
  readonly title: string;
  readonly commands: readonly string[];
  readonly code: number;
  readonly says: RegExp;
  readonly more?: readonly string[];
  /** Variables of the shell; an empty text takes one away. */
  readonly env?: (world: OperatorWorld) => Promise<Readonly<Record<string, string>>>;
  readonly system?: (system: string) => string;
  readonly prepare?: (world: OperatorWorld) => Promise<unknown>;
}

const SITUATIONS: readonly Situation[] = [
  {
    title: 'no credentials',
    commands: names,
    env: async () => ({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }),
    code: 77,
    says: /^gatewayctl: no AWS credentials found\. Set AWS_PROFILE, or log in with `aws sso login`\./,
  },
  {
    title: 'expired credentials',
    commands: names,
    env: async () => {
      const refusal = { json: 'ExpiredTokenException', s3: 'ExpiredToken', query: 'RequestExpired' };
      return { AWS_ENDPOINT_URL: await startRefusingAws(refusal) };
    },
    code: 77,
    says: /^gatewayctl: the AWS credentials have expired\. Log in again/,
  },
  {
    title: 'no rights',
    commands: names,
    env: async () => {
      const refusal = { json: 'AccessDeniedException', s3: 'AccessDenied', query: 'UnauthorizedOperation' };
      return { AWS_ENDPOINT_URL: await startRefusingAws(refusal) };
    },
    code: 77,
    says: /^gatewayctl: access denied: no right to \w+:\w+\. Ask for it/,
  },
  {
    title: 'AWS out of reach',
    commands: names,
    env: async () => ({ AWS_ENDPOINT_URL: `http://127.0.0.1:${await findFreePort()}` }),
    code: 75,
    says: /^gatewayctl: cannot reach .*ECONNREFUSED.*Check the network/,
  },
  {
    title: 'no region',
    commands: names,
    env: async () => ({ AWS_REGION: '' }),
    code: 2,
    says: /^gatewayctl: no AWS region is set\. Give -r REGION, or set AWS_REGION\./,
  },
  {
    title: 'the wrong region',
    commands: names,
    more: ['-r', 'ap-south-1'],
    env: async () => ({ AWS_ENDPOINT_URL: await startEmptyRegion() }),
    code: 2,
    says: /^gatewayctl: system "sys-[\w-]+" not found in ap-south-1\. .*check .*region \(-p, -r\)\./,
  },
  {
    title: 'a system that was mistyped',
    commands: names,
    system: (system) => `${system.slice(0, -1)}x`,
    code: 2,
    says: /^gatewayctl: system "sys-[\w-]+x" not found in eu-west-1; did you mean "sys-[\w-]+"\?/,
  },
  {
    title: 'a name that is none',
    commands: names,
    system: () => '../etc',
    code: 2,
    says: /^gatewayctl: "\.\.\/etc" is no name of a system\. Use letters/,
  },
  {
    title: 'two buckets',
    commands: allBut('gateway restart', 'gateway poll', 'gateway enable', 'gateway disable'),
    prepare: (world) => Promise.all([world.addBucket(), world.runInstance()]),
    code: 2,
    says: /^gatewayctl: system "sys-[\w-]+" has 2 buckets: test-[\w-]+ and test-[\w-]+\. Remove the tag/,
  },
  {
    title: 'no running gateway',
    commands: allBut('gateway enable', 'gateway disable'),
    code: 69,
    says: /^gatewayctl: no gateway of "sys-[\w-]+" is running.*Start it with `gatewayctl gateway enable sys-/,
  },
  {
    title: 'no scaling group',
    commands: ['gateway enable', 'gateway disable'],
    code: 69,
    says: /^gatewayctl: no scaling group has a tag of the value "sys-[\w-]+-bastion"\. The stack/,
  },
  {
    title: 'no access key in the bucket',
    commands: ['analytics access', 'client access', 'client access --check', 'gateway restart --ssh'],
    prepare: (world) => world.runInstance(),
    code: 69,
    says: /^gatewayctl: the keys cannot be used: there is no access key at .*`gatewayctl gateway keys sys-/,
  },
];

afterEach(() => void vi.unstubAllEnvs());

const CLEAN = { AWS_ENDPOINT_URL_S3: '', AWS_EC2_METADATA_DISABLED: 'true', AWS_PROFILE: '' };

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

describe.each(SITUATIONS.map((one) => [one.title, one] as const))('%s', (_title, situation) => {
  it(`is one sentence with ${situation.code} for ${situation.commands.length} commands`, async () => {
    const endpoint = inject('motoEndpoint');
    const world = await createOperatorWorld(endpoint);
    await situation.prepare?.(world);
    const shell = { ...CLEAN, AWS_ENDPOINT_URL: endpoint, ...(await situation.env?.(world)) };
    for (const [name, value] of Object.entries(shell)) vi.stubEnv(name, value === '' ? undefined : value);
    // Where ssh is a program of the test's own.
    const env = { ...process.env, PATH: `${world.home}/bin:${process.env.PATH}`, HOME: world.home } as Record<
      string,
      string
    >;
    const system = situation.system?.(world.system) ?? world.system;
    const runs = await Promise.all(
      situation.commands.map(async (name) => {
        const port = String(await findFreePort());
        const args = [...(COMMANDS[name]?.(system, port) ?? []), ...(situation.more ?? [])];
        const aws = (said: OperatorAwsOptions) => createOperatorAws({ ...said, env });
        const { exitCode, stderr, stdout } = await runCli(args, { env, aws });
        return { name, exitCode, said: linesOf(stderr), printed: linesOf(stdout) };
      }),
    );
    const wrong = runs.filter(
      ({ exitCode, said, printed }) =>
        exitCode !== situation.code ||
        said.length !== 1 ||
        !situation.says.test(said[0] ?? '') ||
        !said[0]?.endsWith(`   [${exitCode}]`) ||
        printed.length > 0,
    );
    expect(wrong).toEqual([]);
  });
});
