import { AgentError } from '../core/errors.ts';
import type { SourceReader, SourceReaderOptions } from './source-types.ts';

export type {
  Cut,
  PendingSync,
  SourceError,
  SourceReader,
  SourceReaderOptions,
  SourceSettings,
  SourceView,
} from './source-types.ts';

export function createSourceReader(options: SourceReaderOptions): SourceReader {
  throw new AgentError('INVARIANT', 'source reader is not there yet', {
    fields: { uri: options.source.uri },
  });
}
