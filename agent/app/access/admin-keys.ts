import { readKeyFile, renderAdminKeys } from '../../core/access/key-file.ts';
import { ACCESS_FILES } from '../../core/access/layout.ts';
import { type AccessParts, problem, type StepResult } from './step.ts';

/** Gives the key pair that the instance was launched with to gateway-admin; without one nobody logs in as that. */
export async function followAdminKeys({ kept, instanceKeys }: AccessParts): Promise<StepResult> {
  const read = await instanceKeys.read();
  if (read.kind === 'unknown') {
    const message = 'instance metadata does not tell the key pair, so that of gateway-admin stays as it was';
    return { problems: [problem('AdminKeyUnknown', message)] };
  }
  if (read.kind === 'none') {
    // Left over from the instance that an image was made of, it would be a stranger's way in.
    await kept.remove(ACCESS_FILES.adminKeys);
    return { problems: [] };
  }
  const { keys, ignored } = readKeyFile(read.text);
  if (keys.length === 0) {
    await kept.remove(ACCESS_FILES.adminKeys);
    const message = `the key pair of the instance cannot be used (${ignored[0] ?? 'it is empty'})`;
    return { problems: [problem('AdminKeyInvalid', message)] };
  }
  await kept.write(ACCESS_FILES.adminKeys, renderAdminKeys(keys));
  return { problems: [] };
}
