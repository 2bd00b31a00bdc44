import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Answer } from '../core/answer.ts';
import { AgentError } from '../core/errors.ts';
import { type RequestDocument, requestFileName } from '../core/request-document.ts';
import { partialPathOf, removeQuietly } from './atomic-file.ts';
import { fileOperations } from './file-operations.ts';
import { readRegularFile } from './regular-file.ts';

const MAX_ANSWER_BYTES = 1024 * 1024;

/** The other side of the spool: who asks. Rejects with SPOOL_FAILED, the errno in its fields. */
export interface RequestClient {
  /** Drops a request by rename: the agent never sees half of it. Dropped again it is the same request. */
  file(id: string, document: RequestDocument): Promise<void>;
  /** The answer, or null as long as there is none. */
  answerOf(id: string): Promise<Answer | null>;
}

export function createRequestClient(options: {
  readonly requestsDir: string;
  readonly answersDir: string;
}): RequestClient {
  const { requestsDir, answersDir } = options;
  return {
    file: (id, document) =>
      translate('cannot file the request', requestsDir, async () => {
        const path = join(requestsDir, requestFileName(id));
        const partial = partialPathOf(path);
        try {
          // Readable by the agent, whoever files it; who may look into the directory is decided there.
          await fileOperations.writeNew(partial, Buffer.from(`${JSON.stringify(document)}\n`), 0o644);
          await fileOperations.rename(partial, path);
        } catch (error) {
          await removeQuietly(fileOperations, partial);
          throw error;
        }
      }),
    answerOf: (id) =>
      translate('cannot read the answer', answersDir, async () => {
        const bytes = await readRegularFile(join(answersDir, requestFileName(id)), MAX_ANSWER_BYTES);
        return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as Answer);
      }),
  };
}

/** An id that nobody else uses. */
export const createRequestId = (kind: string): string => `${kind}-${randomBytes(8).toString('hex')}`;

async function translate<T>(message: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AgentError('SPOOL_FAILED', message, { fields: { path, errno }, cause: error });
  }
}
