import type { Log, LogFields } from '../../agent/ports.ts';

export interface FakeLog extends Log {
  readonly lines: readonly (LogFields & { readonly level: string; readonly message: string })[];
  /** The events at info and above, oldest first. */
  events(): readonly string[];
}

/** A log that keeps its lines. */
export function createFakeLog(): FakeLog {
  const lines: (LogFields & { level: string; message: string })[] = [];
  const at = (level: string) => (fields: LogFields, message: string) => {
    lines.push({ ...fields, level, message });
  };
  return {
    lines,
    events: () => lines.filter(({ level }) => level !== 'debug').map(({ event }) => event),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}
