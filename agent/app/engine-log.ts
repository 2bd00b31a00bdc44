import { findBlame } from '../core/engine/blamed-line.ts';
import { findRefusedCatalog } from '../core/engine/refused-catalog.ts';
import { findStartFailure } from '../core/engine/start-failure.ts';
import type { Observed } from '../core/observed.ts';
import { redact } from '../core/secrets.ts';
import type { RunId, SourceFile } from '../core/types.ts';
import type { Supervisor } from '../ports.ts';

/** Enough for a start with its stack trace. */
const LINES_READ = 200;
/** What a quarantine keeps of it. */
const LINES_SHOWN = 40;

/**
 * What the engine's log says: the catalog that it names as refused, why else a start failed, and its last lines.
 * `files` are what the engine was started with, as people wrote them. The secrets do not leave this function.
 */
export async function readEngineLog(
  supervisor: Supervisor,
  run: RunId | null,
  files: readonly SourceFile[],
  secrets: readonly string[],
): Promise<Pick<Observed, 'log' | 'refusedCatalog' | 'startFailure'>> {
  const lines = (await supervisor.tail(LINES_READ)).map((line) => redact(line, secrets));
  const refused = findRefusedCatalog(lines, run);
  const blame = refused === null ? null : findBlame(refused.catalog.split(', '), refused.message, files);
  return {
    log: lines.slice(-LINES_SHOWN),
    refusedCatalog:
      refused === null
        ? null
        : { ...refused, catalog: blame?.catalog ?? refused.catalog, place: blame?.place ?? null },
    startFailure: findStartFailure(lines, run),
  };
}
