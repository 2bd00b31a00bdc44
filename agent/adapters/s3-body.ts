import { AgentError } from '../core/errors.ts';

/** A body of an SDK response, as far as it is used here. */
export interface S3Body extends AsyncIterable<Uint8Array> {
  destroy(): void;
}

/**
 * Reads a body, at most `maxBytes` of it. Rejects with SOURCE_TORN when it ends early, stalls until `signal` aborts,
 * or fails its checksum. `isTooLong` says that there was more.
 */
export async function readBody(options: {
  readonly body: unknown;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly fields: Readonly<Record<string, unknown>>;
}): Promise<{ readonly bytes: Uint8Array; readonly isTooLong: boolean }> {
  const { body, maxBytes, signal, fields } = options;
  if (!isBody(body)) throw new AgentError('SOURCE_TORN', 's3 answer has no body', { fields });
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isWhole = false;
  // Without this a stalled body would outlive the deadline.
  const stop = () => body.destroy();
  signal.addEventListener('abort', stop);
  try {
    for await (const chunk of body) {
      length += chunk.length;
      if (length > maxBytes) {
        chunks.push(chunk.subarray(0, chunk.length - (length - maxBytes)));
        return { bytes: join(chunks), isTooLong: true };
      }
      chunks.push(chunk);
    }
    if (signal.aborted) throw new AgentError('SOURCE_TORN', 's3 body stalled', { fields });
    isWhole = true;
    return { bytes: join(chunks), isTooLong: false };
  } catch (error) {
    if (error instanceof AgentError) throw error;
    throw new AgentError('SOURCE_TORN', signal.aborted ? 's3 body stalled' : 's3 body was cut short', {
      fields,
      cause: error,
    });
  } finally {
    signal.removeEventListener('abort', stop);
    // A body that was read to its end gives its connection back; any other takes it down.
    if (!isWhole) body.destroy();
  }
}

/** Into memory of its own size: small buffers of Node share larger ones, which a kept snapshot would keep too. */
function join(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

const isBody = (body: unknown): body is S3Body =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body && 'destroy' in body;
