import type { S3Client } from '@aws-sdk/client-s3';
import { AgentError } from '../core/errors.ts';
import type { Clock, ConfigSource, Machine } from '../ports.ts';
import { createLazy } from './lazy-remote.ts';
import { createLazySource } from './lazy-source.ts';

/** How long a call waits for instance metadata to name the region, and how often it looks. */
const REGION_WAIT_MS = 3_000;
const REGION_LOOK_MS = 100;

export interface S3Access {
  /** From the settings, else from instance metadata. Rejects with AWS_UNREACHABLE while it is not known. */
  region(): Promise<string>;
  /** One client for all that talks to S3, made at its first use. */
  client(): Promise<S3Client>;
}

export function createS3Access(options: {
  readonly region: string | null;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}): S3Access {
  const { machine, clock, env } = options;
  const region = async (): Promise<string> => {
    const named = options.region ?? env.AWS_DEFAULT_REGION;
    if (named !== undefined && named !== '') return named;
    for (const until = clock.now() + REGION_WAIT_MS; ; ) {
      const instance = await machine.instance();
      if (instance !== null) return instance.region;
      if (clock.now() >= until) {
        throw new AgentError('AWS_UNREACHABLE', 'region is neither set nor known from instance metadata', {});
      }
      await clock.sleep(REGION_LOOK_MS, new AbortController().signal);
    }
  };
  return {
    region,
    client: createLazy(async () => {
      const { createS3Client } = await import('./s3-client.ts');
      return createS3Client({ env, region });
    }),
  };
}

/** The source of the settings, made at its first use. */
export function createSource(options: {
  readonly uri: string;
  readonly kind: 's3-layout' | 's3-prefix' | 'directory';
  readonly system: string | null;
  readonly group: string;
  readonly s3: S3Access;
}): ConfigSource {
  const { uri, kind, system, group, s3 } = options;
  return createLazySource(uri, async () => {
    if (kind === 'directory') {
      const { createDirectoryConfigSource } = await import('./directory-source.ts');
      return createDirectoryConfigSource({ uri, group });
    }
    const { createS3ConfigSource } = await import('./s3-source.ts');
    return createS3ConfigSource({ client: await s3.client(), uri, system, group });
  });
}
