// The programs that people run from a timer instead of a gateway, each with the arguments for one sync of the prefix
// into a directory.

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { findPythonBin } from '../run/bucket.mjs';
import { createEnv } from './gateway.mjs';
import { runMeasured } from './processes.mjs';

/** Keys of the local S3 server, and where it is: what all contestants of the benchmark are given. */
const awsEnvironment = (endpoint) => ({
  ...createEnv(),
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'eu-west-1',
  AWS_ENDPOINT_URL: endpoint,
  AWS_EC2_METADATA_DISABLED: 'true',
});

const SYNCS = {
  aws: {
    label: '`aws s3 sync`',
    // Without --exact-timestamps a changed file of the same size would never be fetched.
    args: ({ bucket, prefix, target }) => [
      's3',
      'sync',
      '--no-progress',
      '--exact-timestamps',
      '--delete',
      `s3://${bucket}/${prefix}`,
      target,
    ],
    env: ({ endpoint }) => awsEnvironment(endpoint),
    version: ['--version'],
  },
  rclone: {
    label: '`rclone sync`',
    // One listing instead of one per directory, and ETags instead of a request for the headers of each object: the
    // form of it that asks S3 least.
    args: ({ bucket, prefix, target }) => [
      'sync',
      '--config=',
      '--fast-list',
      '--checksum',
      `:s3:${bucket}/${prefix}`,
      target,
    ],
    env: ({ endpoint }) => ({
      ...awsEnvironment(endpoint),
      RCLONE_S3_PROVIDER: 'Other',
      RCLONE_S3_ENV_AUTH: 'true',
      RCLONE_S3_ENDPOINT: endpoint,
      RCLONE_S3_REGION: 'eu-west-1',
    }),
    version: ['version'],
  },
  s3cmd: {
    label: '`s3cmd sync`',
    args: ({ endpoint, bucket, prefix, target }) => {
      const { host } = new URL(endpoint);
      return [
        'sync',
        '--config=/dev/null',
        '--no-ssl',
        '--access_key=test',
        '--secret_key=test',
        '--region=eu-west-1',
        `--host=${host}`,
        `--host-bucket=${host}`,
        '--quiet',
        '--delete-removed',
        `s3://${bucket}/${prefix}`,
        `${target}/`,
      ];
    },
    env: ({ endpoint }) => awsEnvironment(endpoint),
    version: ['--version'],
  },
};

const firstLine = (text) => text.trim().split('\n')[0];

/**
 * Sets the peers up, and says which are here: `syncs`, each with `sync({endpoint, bucket, prefix, target})`, which
 * resolves with what one run took; the programs of `aws` and of consul-template, which can be null; the version of each; and `missing`, names
 * of those that cannot be had on this machine.
 */
export function findPeers() {
  const stdio = ['ignore', 'pipe', 'inherit'];
  const isLeftOut = process.env.BENCH_PEERS === 'none';
  const printed = isLeftOut ? '' : execFileSync('test/tools/setup-peers.sh', { encoding: 'utf8', stdio });
  const programs = Object.fromEntries(
    printed
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ')),
  );
  const python = path.join(findPythonBin(), 'python');
  programs.aws = path.join(path.dirname(python), 'aws');
  const versions = {};
  for (const [name, program] of Object.entries(programs)) {
    const args = SYNCS[name]?.version ?? ['-v'];
    versions[name] = firstLine(execFileSync(program, args, { encoding: 'utf8', env: createEnv() }));
  }
  const names = [...Object.keys(SYNCS), 'consul-template'];
  const { 'consul-template': consulTemplate = null } = programs;
  return {
    syncs: Object.entries(SYNCS)
      .filter(([name]) => programs[name] !== undefined)
      .map(([name, { label, args, env }]) => ({
        name,
        label,
        sync: (what) => runMeasured({ python, file: programs[name], args: args(what), env: env(what) }),
      })),
    awsProgram: programs.aws,
    consulTemplate,
    versions,
    missing: names.filter((name) => programs[name] === undefined),
  };
}
