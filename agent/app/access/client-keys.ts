import { MAX_KEY_FILE_BYTES, readKeyFile, renderClientKeys } from '../../core/access/key-file.ts';
import { ACCESS_FILES } from '../../core/access/layout.ts';
import type { AccessMemory } from '../../core/access/memory.ts';
import { type AccessParts, problem, type StepResult } from './step.ts';

/** Lines that are not honoured are named; of many the first ones are enough. */
const MAX_NAMED = 5;
const MAKE_ONE = 'make one with gatewayctl gateway keys';

/** Puts the last good keys where sshd reads them, or takes them from there when the packet filter is not in force. */
export async function installClientKeys(
  { kept, live }: Pick<AccessParts, 'kept' | 'live'>,
  isFiltered: boolean,
): Promise<StepResult> {
  const keys = isFiltered ? await kept.read(ACCESS_FILES.clientKeys) : null;
  if (keys === null) await live.remove(ACCESS_FILES.clientKeys);
  else await live.write(ACCESS_FILES.clientKeys, keys);
  if (isFiltered) return { problems: [] };
  const message = 'the packet filter is not in force, so ec2-user cannot log in';
  return { problems: [problem('PacketFilterMissing', message)] };
}

/** Takes over the public halves of the access key when they changed and are valid. */
export async function followClientKeys(
  { kept, objects }: AccessParts,
  memory: AccessMemory,
): Promise<StepResult> {
  const hasKeys = (await kept.read(ACCESS_FILES.clientKeys)) !== null;
  if (objects === null) {
    const message = 'keys are followed only with a source in the original layout, s3://BUCKET';
    return { problems: [problem('NoBucket', message)] };
  }
  const stays = hasKeys ? 'the keys before stay' : 'nobody can log in as ec2-user';
  const read = await objects.readClientKeys(hasKeys ? memory.keysTag : null);
  switch (read.kind) {
    case 'unchanged':
      return { problems: memory.keysIgnored.map(describeIgnored) };
    case 'absent':
      return {
        problems: [problem('KeysAbsent', `there is no access key in the bucket; ${stays}: ${MAKE_ONE}`)],
      };
    case 'too-large': {
      const message = `the file of access keys has more than ${MAX_KEY_FILE_BYTES} bytes; ${stays}`;
      return { problems: [problem('KeysInvalid', message)] };
    }
    default: {
      const { keys, ignored } = readKeyFile(read.value);
      if (keys.length === 0) {
        const why = ignored[0] ?? 'it is empty';
        const message = `the file of access keys holds no key (${why}); ${stays}: ${MAKE_ONE}`;
        return { problems: [problem('KeysInvalid', message)] };
      }
      await kept.write(ACCESS_FILES.clientKeys, renderClientKeys(keys));
      const keysIgnored = ignored.slice(0, MAX_NAMED);
      return { problems: keysIgnored.map(describeIgnored), memory: { keysTag: read.tag, keysIgnored } };
    }
  }
}

const describeIgnored = (what: string) => problem('KeysPartly', `of the file of access keys ${what}`);
