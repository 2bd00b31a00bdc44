/** A system in moto as the stack makes it, and the built command line on a machine that has only credentials. */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
} from '@aws-sdk/client-auto-scaling';
import { inject } from 'vitest';
import type { TestBucket } from './moto.ts';
import { createEc2, IMAGE, launchGateway, makeSystemBucket, REGION, tagsOf } from './operator-aws.ts';
import { type Ended, type Program, startProgram } from './rig-agent.ts';
import { makeScratch } from './scratch.ts';

export interface OperatorWorld {
  readonly system: string;
  readonly bucket: TestBucket;
  readonly home: string;
  /** Another bucket with the tag of the system. */
  addBucket(): Promise<TestBucket>;
  runInstance(): Promise<string>;
  makeGroup(): Promise<void>;
  /** Makes the directory `config` hold exactly these files; resolves with its path. */
  lay(name: string, files: Readonly<Record<string, string>>): string;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Program;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
}

export async function createOperatorWorld(endpoint = inject('motoEndpoint')): Promise<OperatorWorld> {
  const system = `sys-${randomUUID().slice(0, 13)}`;
  const moto = { region: REGION, endpoint: inject('motoEndpoint') };
  const tags = tagsOf(system);
  const home = await makeScratch();
  const bin = path.join(home, 'bin');
  mkdirSync(bin);
  // In place of ssh: no test reaches an address that moto made up.
  writeFileSync(path.join(bin, 'ssh'), '#!/bin/sh\nexit 255\n');
  chmodSync(path.join(bin, 'ssh'), 0o755);

  const addBucket = () => makeSystemBucket(moto.endpoint, system);
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: home,
    USER: 'maria',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    GATEWAY_RUN_DIR: path.join(home, 'run'),
  };
  const bundle = path.join(inject('bundleDir'), 'gatewayctl.cjs');
  const start: OperatorWorld['start'] = (args, over = {}) =>
    startProgram({
      command: [process.execPath, bundle, ...args],
      env: Object.fromEntries(Object.entries({ ...env, ...over }).filter(([, value]) => value !== '')),
      cwd: home,
    });
  return {
    system,
    bucket: await addBucket(),
    home,
    addBucket,
    runInstance: async () => (await launchGateway(createEc2(moto.endpoint), system)).id,
    async makeGroup() {
      const client = new AutoScalingClient(moto);
      await client.send(
        new CreateLaunchConfigurationCommand({
          LaunchConfigurationName: system,
          ImageId: IMAGE,
          InstanceType: 't3.small',
        }),
      );
      await client.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: system,
          LaunchConfigurationName: system,
          MinSize: 0,
          MaxSize: 1,
          DesiredCapacity: 0,
          AvailabilityZones: [`${REGION}a`],
          Tags: tags.map((tag) => ({ ...tag, PropagateAtLaunch: true, ResourceId: system })),
        }),
      );
    },
    lay(name, files) {
      const root = path.join(home, name);
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
        writeFileSync(path.join(root, file), text);
      }
      return root;
    },
    start,
    run: (args, over) => start(args, over).ended(60_000),
  };
}
