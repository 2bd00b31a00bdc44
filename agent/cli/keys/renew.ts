/**
 * Makes, adopts or rotates the access key pair of a system.
 *
 * INVARIANT: whatever ends this half way, the private half that people download is one that the gateway lets in, or
 * will once it has installed the public file. What is left over is put right by the next call.
 */
import { holdsOnly, writeKeys } from '../../core/access-key.ts';
import { privateKeyOf, publicKeyOf } from '../../core/system-keys.ts';
import type { KeyMaker } from '../../ports/keys.ts';
import type { Bucket, WriteCondition } from '../../ports/operators.ts';
import { CliError } from '../cli-error.ts';

const MAX_KEY_BYTES = 64 * 1024;

export type KeysOutcome = 'made' | 'adopted' | 'repaired' | 'rotated' | 'unchanged';

export interface KeysWork {
  readonly bucket: Bucket;
  readonly system: string;
  readonly maker: KeyMaker;
  readonly isRotation: boolean;
  /** Waits until the gateway has installed the new public key beside the old one. */
  readonly waitForInstall: () => Promise<void>;
  readonly signal: AbortSignal;
}

interface Stored {
  readonly tag: string;
  readonly text: string;
}

/** Resolves with what was done, and the public key that is valid now. Throws CliError 75 when someone else was faster. */
export async function renewKeys(work: KeysWork): Promise<{ outcome: KeysOutcome; publicKey: string }> {
  const { system, maker, isRotation, waitForInstall } = work;
  const [privateName, publicName] = [privateKeyOf(system), publicKeyOf(system)];
  const [privateHalf, publicFile] = [await read(work, privateName), await read(work, publicName)];
  const before = publicFile?.text ?? '';

  if (privateHalf === null) {
    const pair = await maker.make();
    await write(work, publicName, writeKeys(before, [pair.publicKey], system), publicFile);
    await write(work, privateName, pair.privateKey, null);
    return { outcome: 'made', publicKey: pair.publicKey };
  }

  const current = await maker.derive(privateHalf.text);
  if (current === null) {
    throw new CliError(
      69,
      `s3://${work.bucket.name}/${privateName} is no private key, or wants a passphrase`,
      'Move it away, then make a new pair with the same command.',
    );
  }
  if (!isRotation) {
    if (holdsOnly(before, current, system)) return { outcome: 'unchanged', publicKey: current };
    await write(work, publicName, writeKeys(before, [current], system), publicFile);
    return { outcome: publicFile === null ? 'adopted' : 'repaired', publicKey: current };
  }

  const pair = await maker.make();
  const both = writeKeys(before, [current, pair.publicKey], system);
  const tag = await write(work, publicName, both, publicFile);
  await waitForInstall();
  await write(work, privateName, pair.privateKey, privateHalf);
  await write(work, publicName, writeKeys(both, [pair.publicKey], system), { tag, text: both });
  return { outcome: 'rotated', publicKey: pair.publicKey };
}

async function read({ bucket, signal }: KeysWork, key: string): Promise<Stored | null> {
  const found = await bucket.read(key, { maxBytes: MAX_KEY_BYTES }, signal);
  return found === null ? null : { tag: found.tag, text: new TextDecoder().decode(found.bytes) };
}

/** Replaces exactly what was read. */
async function write(
  { bucket, signal }: KeysWork,
  key: string,
  text: string,
  before: Stored | null,
): Promise<string> {
  const condition: WriteCondition = before === null ? { kind: 'absent' } : { kind: 'tag', tag: before.tag };
  const tag = await bucket.write(key, new TextEncoder().encode(text), condition, signal);
  if (tag !== null) return tag;
  // The SDK asks again after a lost answer, and then our own first try is in the way.
  const found = await bucket.read(key, { maxBytes: MAX_KEY_BYTES }, signal);
  if (found !== null && new TextDecoder().decode(found.bytes) === text) return found.tag;
  throw new CliError(75, `someone else changed s3://${bucket.name}/${key} meanwhile`, 'Try again.');
}
