import type { ConfigSource } from '../ports.ts';

/**
 * A source that is made at its first use: loading the S3 client takes as long as all the rest of the start, and the
 * first cycle, which runs from disk, does not need it.
 */
export function createLazySource(uri: string, make: () => Promise<ConfigSource>): ConfigSource {
  let made: Promise<ConfigSource> | null = null;
  const source = () => {
    made ??= make();
    return made;
  };
  return {
    uri,
    list: async (signal) => (await source()).list(signal),
    read: async (object, signal) => (await source()).read(object, signal),
    readManifest: async (group, knownTag, signal) => (await source()).readManifest(group, knownTag, signal),
    watch: async (onEvent) => (await source()).watch(onEvent),
  };
}
