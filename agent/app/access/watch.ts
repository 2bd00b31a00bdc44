/** Shows what root's helper for client access reports as a condition of the agent. */
import { troubleOfReport } from '../../core/access/report.ts';
import type { Trouble } from '../../core/trouble.ts';
import type { Clock } from '../../ports.ts';

const LOOK_EVERY_MS = 20_000;

export function createAccessWatch(options: {
  /** The report as it lies there; null when there is none: client access is not this machine's business. */
  readonly readReport: () => Promise<string | null>;
  readonly clock: Clock;
  /** It says something else than before. */
  readonly onChange: () => void;
}): { run(signal: AbortSignal): Promise<void>; trouble(): Trouble | null } {
  const { readReport, clock, onChange } = options;
  let trouble: Trouble | null = null;
  return {
    async run(signal) {
      while (!signal.aborted) {
        const found = troubleOfReport(await readReport(), clock.now());
        const isOther = JSON.stringify(found) !== JSON.stringify(trouble);
        trouble = found;
        if (isOther) onChange();
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
    },
    trouble: () => trouble,
  };
}
