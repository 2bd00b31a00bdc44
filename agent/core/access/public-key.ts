/** Public keys of OpenSSH, by their bytes: what a line says of itself is not enough. */
import { decodeBase64 } from '../base64.ts';

export interface PublicKey {
  readonly type: string;
  /** base64, canonical. */
  readonly blob: string;
}

const BASE64 = /^[A-Za-z0-9+/]{16,4096}={0,2}$/;
const ED25519_BYTES = 32;
const MIN_RSA_BITS = 2_048;
const MAX_RSA_BITS = 16_384;
const POINT_BYTES: Readonly<Record<string, number>> = { nistp256: 65, nistp384: 97, nistp521: 133 };
const UNCOMPRESSED = 4;

/** null: fine. Else what is wrong, completing "the key …". */
type Check = (fields: readonly Uint8Array[]) => string | null;

const text = (bytes: Uint8Array | undefined): string => String.fromCharCode(...(bytes ?? []));

const isPoint = (curve: string, point: Uint8Array | undefined): boolean =>
  point?.length === POINT_BYTES[curve] && point?.[0] === UNCOMPRESSED;

const ecdsa =
  (curve: string): Check =>
  ([name, point, ...more]) =>
    more.length === 0 && text(name) === curve && isPoint(curve, point) ? null : 'is damaged';

const rsa: Check = ([exponent, modulus, ...more]) => {
  if (exponent === undefined || modulus === undefined || more.length > 0) return 'is damaged';
  const bits = countBits(modulus);
  if (bits < MIN_RSA_BITS) return `has ${bits} bits, and RSA needs ${MIN_RSA_BITS}`;
  return bits > MAX_RSA_BITS || countBits(exponent) === 0 ? 'is damaged' : null;
};

/** Key types that sshd is set to accept, with the fields of each. */
const CHECKS: Readonly<Record<string, Check>> = {
  'ssh-ed25519': (fields) =>
    fields.length === 1 && fields[0]?.length === ED25519_BYTES ? null : 'is damaged',
  'sk-ssh-ed25519@openssh.com': (fields) =>
    fields.length === 2 && fields[0]?.length === ED25519_BYTES ? null : 'is damaged',
  'ecdsa-sha2-nistp256': ecdsa('nistp256'),
  'ecdsa-sha2-nistp384': ecdsa('nistp384'),
  'ecdsa-sha2-nistp521': ecdsa('nistp521'),
  'sk-ecdsa-sha2-nistp256@openssh.com': ([curve, point, application, ...more]) =>
    more.length === 0 && application !== undefined && text(curve) === 'nistp256' && isPoint('nistp256', point)
      ? null
      : 'is damaged',
  'ssh-rsa': rsa,
};

export type ReadKey =
  | { readonly isKey: true; readonly key: PublicKey }
  /** `why` completes "the line …". */
  | { readonly isKey: false; readonly why: string };

const bad = (why: string): ReadKey => ({ isKey: false, why });

/** A line `TYPE BASE64 [COMMENT]`. Options before the type make it something else than a key. */
export function readPublicKey(line: string): ReadKey {
  const [type = '', blob = ''] = line.trim().split(/[ \t]+/);
  const check = Object.hasOwn(CHECKS, type) ? CHECKS[type] : undefined;
  if (check === undefined) {
    if (/-cert-v\d+@openssh\.com$/.test(type)) return bad('is a certificate, and only keys are taken');
    return bad(
      /^(?:ssh-|ecdsa-|sk-)[\w@.-]+$/.test(type)
        ? `has a key of the kind ${type.slice(0, 40)}, which is not accepted`
        : 'does not begin with a kind of key; options before a key are not honoured',
    );
  }
  const bytes = BASE64.test(blob) ? decodeBase64(blob) : null;
  const fields = bytes === null ? null : splitFields(bytes);
  if (fields === null || text(fields[0]) !== type) return bad('has a key that is damaged');
  const fault = check(fields.slice(1));
  return fault === null ? { isKey: true, key: { type, blob } } : bad(`has a key that ${fault}`);
}

/** Length and bytes, again and again, up to the end exactly. */
function splitFields(bytes: Uint8Array): readonly Uint8Array[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return null;
    const length = view.getUint32(at);
    if (length > bytes.length - at - 4) return null;
    fields.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}

/** Bits of a positive number as ssh writes it; 0 for anything else. */
function countBits(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  if (first === -1 || isNegative) return 0;
  return (bytes.length - first - 1) * 8 + (32 - Math.clz32(bytes[first] ?? 0));
}
