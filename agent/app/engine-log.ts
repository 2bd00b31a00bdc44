import { findRefusedCatalog } from '../core/engine/refused-catalog.ts';
import type { Observed } from '../core/observed.ts';
import { redact } from '../core/secrets.ts';
import type { RunId } from '../core/types.ts';
import type { Supervisor } from '../ports.ts';

/** Enough for a start with its stack trace. */
const LINES_READ = 200;
/** What a quarantine keeps of it. */
const LINES_SHOWN = 40;

/**
 * What the engine's log says: the catalog that it names as refused, and its last lines. The secrets do not leave this
 * function.
 */
export async function readEngineLog(
  supervisor: Supervisor,
  run: RunId,
  secrets: readonly string[],
): Promise<Pick<Observed, 'log' | 'refusedCatalog'>> {
  const lines = (await supervisor.tail(LINES_READ)).map((line) => redact(line, secrets));
  return { log: lines.slice(-LINES_SHOWN), refusedCatalog: findRefusedCatalog(lines, run) };
}
