import { AgentError, type ErrorCode } from '../../agent/core/errors.ts';
import type { BucketMemory, ConfigSource, Supervisor } from '../../agent/ports.ts';
import { type FaultPort, Injected, type Life, never } from './fault-port.ts';
import type { VirtualClock } from './virtual-clock.ts';

/**
 * The port as one life sees it: a dead one gets no answer and reaches nothing, and no time passes during a call. A call
 * that waits for the virtual clock itself (a slow disk) must not be tracked: see `faults`.
 */
export function guardPort<T extends object>(port: T, life: Life, clock: VirtualClock): T {
  return new Proxy(port, {
    get: (target, name, receiver) => {
      const found: unknown = Reflect.get(target, name, receiver);
      if (typeof found !== 'function') return found;
      return (...args: unknown[]) => {
        if (life.isDead()) return never();
        const result: unknown = found.apply(target, args);
        if (!(result instanceof Promise)) return result;
        return clock.track(result, life.isDead).then(
          (value) => (life.isDead() ? never() : value),
          (error) => (life.isDead() ? never() : Promise.reject(error)),
        );
      };
    },
  });
}

/** S3 with its faults. */
export function faultySource(source: ConfigSource, faults: FaultPort, life: Life): ConfigSource {
  const call = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await faults.effect(life, 'source', name, run);
    } catch (error) {
      if (error instanceof Injected) throw new AgentError(error.code as ErrorCode, 'told to fail');
      throw error;
    }
  };
  return {
    uri: source.uri,
    list: (signal) => call('source.list', () => source.list(signal)),
    read: (object, signal) => call(`source.read ${object.path}`, () => source.read(object, signal)),
    readManifest: (group, tag, signal) =>
      call('source.manifest', () => source.readManifest(group, tag, signal)),
    watch: (onEvent) => source.watch(onEvent),
  };
}

const AWS_CODES: Readonly<Record<string, ErrorCode>> = {
  SOURCE_DENIED: 'AWS_DENIED',
  SOURCE_THROTTLED: 'AWS_THROTTLED',
};

/** The gateway's memory in the bucket with the faults of S3. */
export function faultyBucket(bucket: BucketMemory, faults: FaultPort, life: Life): BucketMemory {
  const call = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await faults.effect(life, 'source', name, run);
    } catch (error) {
      if (!(error instanceof Injected)) throw error;
      throw new AgentError(AWS_CODES[error.code] ?? 'AWS_UNREACHABLE', 'told to fail');
    }
  };
  return {
    groups: (signal) => call('bucket.groups', () => bucket.groups(signal)),
    read: (group, signal) => call('bucket.read', () => bucket.read(group, signal)),
    write: (group, bytes, tag, signal) => call('bucket.write', () => bucket.write(group, bytes, tag, signal)),
  };
}

/** The unit's supervisor with its faults; it outlives the agent, so its end leaves it alone. */
export function faultySupervisor(inner: () => Supervisor, faults: FaultPort, life: Life): Supervisor {
  const job = (name: 'start' | 'restart' | 'stop') => async () => {
    try {
      await faults.effect(life, 'process', name, () => inner()[name]());
    } catch (error) {
      if (error instanceof Injected) throw new AgentError('SUPERVISOR_FAILED', 'told to fail');
      throw error;
    }
  };
  return {
    observe: () => inner().observe(),
    start: job('start'),
    restart: job('restart'),
    stop: job('stop'),
    tail: (lines) => inner().tail(lines),
    onChange: (onEvent) =>
      inner().onChange(() => {
        if (!life.isDead()) onEvent();
      }),
    close: async () => undefined,
  };
}
