import type { OperatorAws, OperatorAwsOptions } from '../ports/operators.ts';
import { createLazy } from './lazy-remote.ts';
import { chooseOperatorConfig, type OperatorEnvironment } from './operator-config.ts';

/** AWS for commands on an operator's machine. Each client is made at its first use: most commands need two. */
export function createOperatorAws(
  options: OperatorAwsOptions & { readonly env: OperatorEnvironment },
): OperatorAws {
  const { env } = options;
  const config = chooseOperatorConfig(options);
  const systems = createLazy(async () => (await import('./operator-systems.ts')).createTaggedSystems(config));
  const instances = createLazy(async () =>
    (await import('./operator-instances.ts')).createGatewayInstances(config),
  );
  const commands = createLazy(async () =>
    (await import('./operator-commands.ts')).createGatewayCommands(config),
  );
  const groups = createLazy(async () => (await import('./operator-groups.ts')).createScalingGroups(config));
  const buckets = createLazy(async () =>
    (await import('./operator-s3.ts')).createOperatorBuckets(config, env),
  );
  return {
    region: async () => config.region ?? (await systems()).region(),
    systems: {
      bucketsOf: async (system, signal) => (await systems()).bucketsOf(system, signal),
      list: async (signal) => (await systems()).list(signal),
    },
    instances: { find: async (system, signal) => (await instances()).find(system, signal) },
    commands: {
      send: async (command, signal) => (await commands()).send(command, signal),
      look: async (id, instance, signal) => (await commands()).look(id, instance, signal),
    },
    groups: {
      find: async (system, signal) => (await groups()).find(system, signal),
      look: async (group, signal) => (await groups()).look(group, signal),
      resize: async (group, size, signal) => (await groups()).resize(group, size, signal),
    },
    bucket: (name) => {
      const bucket = createLazy(async () => (await buckets())(name));
      return {
        name,
        list: async (prefix, signal) => (await bucket()).list(prefix, signal),
        read: async (key, how, signal) => (await bucket()).read(key, how, signal),
        write: async (key, bytes, condition, signal) => (await bucket()).write(key, bytes, condition, signal),
        remove: async (key, tag, signal) => (await bucket()).remove(key, tag, signal),
      };
    },
  };
}
