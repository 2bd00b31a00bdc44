#!/usr/bin/env node
// Prints the command that launches, or brings to a new image, a gateway: from the manifests of one or two bakes.
//
//   node packer/stack-command.mjs dist/image/al2023-x86_64 [dist/image/al2023-arm64]
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const PARAMETERS = { x86_64: 'ImageX86', arm64: 'ImageArm' };

const USAGE = 'usage: stack-command.mjs DIR…';
const directories = process.argv.slice(2);
if (directories.some((word) => word === '-h' || word === '--help')) {
  console.log(USAGE);
  process.exit();
}
if (directories.length === 0 || directories.some((word) => word.startsWith('-'))) {
  console.error(USAGE);
  process.exit(2);
}
const empty = directories.find((directory) => !existsSync(path.join(directory, 'manifest.json')));
if (empty !== undefined) {
  console.error(`stack-command: ${empty} holds no manifest.json: bake an image first, by make ami`);
  process.exit(2);
}
const images = directories.map((directory) => {
  const { builds, last_run_uuid } = JSON.parse(readFileSync(path.join(directory, 'manifest.json'), 'utf8'));
  const { artifact_id, custom_data } = builds.find((build) => build.packer_run_uuid === last_run_uuid);
  // `region:image`, one for each region that it was copied to.
  const [region, image] = artifact_id.split(',')[0].split(':');
  return { region, parameter: `${PARAMETERS[custom_data.architecture]}=${image}` };
});

console.log(
  [
    `AWS_REGION=${images[0].region} packer/launch.sh SYSTEM-gateway`,
    images.map(({ parameter }) => parameter).join(' '),
    'System=SYSTEM Bucket=BUCKET Vpc=vpc-… Subnets=subnet-…,subnet-… InstanceType=t3.large',
  ].join(' \\\n  '),
);
