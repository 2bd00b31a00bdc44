import { DescribeInstanceTypesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect, inject, it } from 'vitest';
import { INSTANCE_TYPES } from '../../agent/core/instance-types.ts';

const MIB = 1024 ** 2;
/** Names that one call takes. */
const MOST = 100;

// moto carries the EC2 API's own answers.
it('every instance type is in the EC2 API, with that memory, architecture and number of processors', async () => {
  const client = new EC2Client({
    region: 'eu-west-1',
    endpoint: inject('motoEndpoint'),
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const names = INSTANCE_TYPES.map(({ name }) => name);
  const found = new Map<string, object>();
  for (let at = 0; at < names.length; at += MOST) {
    const InstanceTypes = names.slice(at, at + MOST) as never[];
    const answer = await client.send(new DescribeInstanceTypesCommand({ InstanceTypes }));
    for (const type of answer.InstanceTypes ?? []) {
      found.set(type.InstanceType ?? '', {
        name: type.InstanceType,
        architecture: type.ProcessorInfo?.SupportedArchitectures?.find((name) => name !== 'i386'),
        cpus: type.VCpuInfo?.DefaultVCpus,
        memoryBytes: (type.MemoryInfo?.SizeInMiB ?? 0) * MIB,
      });
    }
  }
  expect(INSTANCE_TYPES.map(({ name }) => found.get(name))).toEqual(INSTANCE_TYPES);
});
