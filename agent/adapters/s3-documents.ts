import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { AgentError } from '../core/errors.ts';
import { readField } from './sdk-error.ts';

/** A page of a thousand objects with the longest keys, all characters encoded, is half of this. */
const MAX_DOCUMENT_BYTES = 8 * 1024 ** 2;

/**
 * Ends answers that are documents (listings, errors, receipts) at a size that none has: the SDK collects them whole, so
 * one without end would take all memory within the deadline. Bodies of objects are read by `readBody`, with limits.
 */
export function limitDocuments(client: S3Client): S3Client {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const { response } = result;
      const status = Number(readField(response, 'statusCode'));
      const body = readField(response, 'body');
      const isObject = context.commandName === 'GetObjectCommand' && status < 300;
      if (!isObject && body instanceof Readable) {
        Object.assign(response as object, { body: limit(body, status >= 300) });
      }
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'limitDocuments' },
  );
  return client;
}

/** Of an error the beginning is enough: its status says what it is. */
function limit(body: Readable, isError: boolean): Readable {
  const chunks = async function* () {
    let length = 0;
    for await (const chunk of body) {
      length += (chunk as Buffer).length;
      if (length > MAX_DOCUMENT_BYTES) {
        if (isError) return;
        throw new AgentError('SOURCE_TORN', 's3 answer does not end', { fields: { bytes: length } });
      }
      yield chunk;
    }
  };
  // Not objects: chunks that are joined before they are passed on.
  return Readable.from(chunks(), { objectMode: false });
}
