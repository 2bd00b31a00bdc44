/** What settings must fulfil together. `isFine` tells whether a key's own value passed its check. */
import { parseSourceUri } from './settings-source.ts';
import type { SettingValues } from './settings-typed.ts';

export function findConflicts(get: SettingValues, isFine: (key: string) => boolean): string[] {
  const problems: string[] = [];
  const uri = isFine('source.uri') ? get('source.uri') : null;
  const location = typeof uri === 'string' ? parseSourceUri(uri) : null;
  const directories = ['paths.state', 'paths.etc', 'paths.run'].filter(isFine);
  for (const [index, key] of directories.entries()) {
    const twin = directories.slice(0, index).find((other) => get(other) === get(key));
    if (twin !== undefined) {
      problems.push(`${key}: expected a directory of its own, found the same as ${twin}: ${get(key)}`);
    }
  }
  if (typeof location === 'object' && location?.kind === 'directory' && location.path === get('paths.etc')) {
    problems.push(
      `source.uri: expected another directory than paths.etc (${location.path}), which the agent writes`,
    );
  }
  return problems;
}

/** What only the daemon requires. */
export function findMissing(get: SettingValues, isFine: (key: string) => boolean): string[] {
  const problems: string[] = [];
  const isAbsent = (key: string) => isFine(key) && get(key) === null;
  if (isAbsent('source.uri')) {
    problems.push(
      'source.uri: required and not given; expected s3://BUCKET, s3://BUCKET/PREFIX/ or file:///DIR (GATEWAY_SOURCE)',
    );
  }
  if (isAbsent('system') && String(get('source.uri')).startsWith('s3:')) {
    problems.push(
      'system: required with an S3 source and not given; expected the Datomic system (GATEWAY_SYSTEM)',
    );
  }
  if (isAbsent('analytics.command') && get('analytics.supervisor') === 'child') {
    problems.push(
      'analytics.command: required with the child supervisor and not given; expected a JSON array of texts (GATEWAY_COMMAND)',
    );
  }
  return problems;
}
