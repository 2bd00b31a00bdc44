import { AgentError } from '../core/errors.ts';

/** Where in S3 the configuration lies, and which group a key belongs to. */
export interface S3Location {
  readonly bucket: string;
  /** Everything below it is listed. Ends in `/`, or is empty. */
  readonly prefix: string;
  keyOf(group: string, path: string): string;
  /** Null for keys that belong to no group. */
  locate(key: string): { readonly group: string; readonly path: string } | null;
}

const URI = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/u;

/**
 * `s3://BUCKET` is the original layout, `SYSTEM/datomic/analytics/GROUP/etc/PATH`, with all groups of the system;
 * `s3://BUCKET/PREFIX/` is the etc directory of one group, called `group`.
 */
export function parseS3Uri(options: {
  readonly uri: string;
  readonly system: string | null;
  readonly group: string;
}): S3Location {
  const { uri, system, group } = options;
  const match = URI.exec(uri);
  const bucket = match?.[1];
  if (bucket === undefined) {
    throw new AgentError('SETTINGS_INVALID', 'source uri is no s3 uri', { fields: { uri } });
  }
  const rest = match?.[2] ?? '';
  if (rest !== '') return locateBare(bucket, rest.endsWith('/') ? rest : `${rest}/`, group);
  if (system === null) {
    throw new AgentError('SETTINGS_INVALID', 'an s3 source needs the name of the system', {
      fields: { uri },
    });
  }
  return locateOriginal(bucket, `${system}/datomic/analytics/`);
}

function locateBare(bucket: string, prefix: string, group: string): S3Location {
  return {
    bucket,
    prefix,
    keyOf: (_group, path) => `${prefix}${path}`,
    locate: (key) => (key.startsWith(prefix) ? { group, path: key.slice(prefix.length) } : null),
  };
}

function locateOriginal(bucket: string, prefix: string): S3Location {
  return {
    bucket,
    prefix,
    keyOf: (group, path) => `${prefix}${group}/etc/${path}`,
    locate(key) {
      if (!key.startsWith(prefix)) return null;
      const [group, etc, ...path] = key.slice(prefix.length).split('/');
      return group === undefined || etc !== 'etc' || path.length === 0
        ? null
        : { group, path: path.join('/') };
    },
  };
}
