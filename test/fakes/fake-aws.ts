import type { Bucket, GatewayInstance, OperatorAws } from '../../agent/ports/operators.ts';
import type { GatewayCommands, ScalingGroups } from '../../agent/ports/remote-control.ts';

const nothing = (): never => {
  throw new Error('this fake has no such part');
};

const EMPTY: Bucket = {
  name: 'none',
  list: async () => [],
  read: async () => null,
  write: nothing,
  remove: nothing,
};

/** AWS in memory: buckets by system, instances by system, and what each bucket holds. */
export function createFakeAws(options: {
  readonly region?: string;
  readonly buckets?: Readonly<Record<string, readonly string[]>>;
  readonly instances?: Readonly<Record<string, readonly GatewayInstance[]>>;
  readonly bucket?: (name: string) => Bucket;
  readonly commands?: GatewayCommands;
  readonly groups?: ScalingGroups;
  /** What every call rejects with. */
  readonly failure?: Error;
}): OperatorAws {
  const { buckets = {}, instances = {}, failure } = options;
  const answer = async <T>(value: () => T): Promise<T> => {
    if (failure !== undefined) throw failure;
    return value();
  };
  return {
    region: async () => options.region ?? 'eu-west-1',
    systems: {
      bucketsOf: (system) => answer(() => buckets[system] ?? []),
      list: () => answer(() => Object.keys(buckets).sort()),
    },
    instances: { find: (system) => answer(() => instances[system] ?? []) },
    commands: options.commands ?? { send: () => answer(nothing), look: () => answer(nothing) },
    groups: options.groups ?? {
      find: () => answer(() => []),
      look: () => answer(nothing),
      resize: () => answer(nothing),
    },
    bucket: options.bucket ?? ((name) => ({ ...EMPTY, name })),
  };
}

export function makeInstance(id: string, fields: Partial<GatewayInstance> = {}): GatewayInstance {
  return {
    id,
    state: 'running',
    type: 't3.large',
    zone: 'eu-west-1a',
    publicIp: '203.0.113.7',
    privateIp: '192.0.2.7',
    launchedAt: 0,
    ...fields,
  };
}
