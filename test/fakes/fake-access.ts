import type { AccessParts } from '../../agent/app/access/step.ts';
import type { PublishedHostKey } from '../../agent/core/access/host-key.ts';
import { readPermitOpen } from '../../agent/core/access/permit-open.ts';
import { AgentError } from '../../agent/core/errors.ts';
import type { RootFiles } from '../../agent/ports/access.ts';
import { createFakeClock } from './fake-clock.ts';

const failed = () => new AgentError('ACCESS_FAILED', 'it failed', {});

/** Everything around client access, in memory; each of the fields can be changed between two runs. */
export function createFakeAccess() {
  const world = {
    keys: { tag: 'k1', text: '' as string | null },
    hostKey: null as { tag: string; value: PublishedHostKey } | null,
    pair: 'none' as 'none' | 'unknown' | { readonly text: string },
    groups: null as readonly string[] | null,
    isFilterFine: true,
    isReachable: true,
    mayReadHostKey: true,
    /** What sshd says against its configuration. */
    sshdFault: null as string | null,
    sshdMisreads: false,
    isReloadFine: true,
    kept: new Map<string, string>(),
    live: new Map<string, string>(),
    calls: [] as string[],
  };
  const call = (name: string) => {
    world.calls.push(name);
    if (!world.isReachable) throw new AgentError('AWS_UNREACHABLE', 'service does not answer', {});
  };
  const files = (map: Map<string, string>, dir: string): RootFiles => ({
    read: async (name) => map.get(name) ?? null,
    write: async (name, text) => {
      if (map.get(name) === text) return;
      world.calls.push(`write ${dir}/${name}`);
      map.set(name, text);
    },
    remove: async (name) => {
      map.delete(name);
    },
  });
  const parts: AccessParts = {
    filter: {
      load: async () => {
        world.calls.push('load rules');
        if (!world.isFilterFine) throw failed();
      },
    },
    kept: files(world.kept, 'kept'),
    live: files(world.live, 'live'),
    sshd: {
      judge: async (text) =>
        world.sshdMisreads
          ? { isValid: true, targets: ['any'] }
          : { isValid: true, targets: readPermitOpen(text) ?? [] },
      test: async () => world.sshdFault,
      reload: async () => {
        world.calls.push('reload sshd');
        if (!world.isReloadFine) throw failed();
      },
    },
    objects: {
      readClientKeys: async (knownTag) => {
        call(`get keys ${knownTag}`);
        const { tag, text } = world.keys;
        if (text === null) return { kind: 'absent' };
        return knownTag === tag ? { kind: 'unchanged' } : { kind: 'found', tag, value: text };
      },
      readHostKey: async () => {
        call('get host key');
        if (!world.mayReadHostKey) throw new AgentError('AWS_DENIED', 'call is not allowed', {});
        return world.hostKey === null ? { kind: 'absent' } : { kind: 'found', ...world.hostKey };
      },
      putHostKey: async (value, tag) => {
        call('put host key');
        if (tag !== undefined && (world.hostKey?.tag ?? null) !== tag) return false;
        world.hostKey = { tag: `h${world.calls.length}`, value };
        return true;
      },
    },
    instanceKeys: {
      read: async () =>
        typeof world.pair === 'string' ? { kind: world.pair } : { kind: 'found', text: world.pair.text },
    },
    clock: createFakeClock(),
    permitOpen: null,
    system: 'acme',
    region: async () => 'eu-west-1',
    groups: async () => world.groups,
    hostKey: async () => null,
  };
  return { world, parts };
}
