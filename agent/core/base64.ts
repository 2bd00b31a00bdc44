/** Spreading more arguments than this overflows the stack. */
const CHUNK_BYTES = 0x8000;

export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES));
  }
  return btoa(binary);
}

/** Null when the text is no base64. */
export function decodeBase64(text: string): Uint8Array | null {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    // The only thing that it throws for: other characters, or a length that cannot be.
    return null;
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
