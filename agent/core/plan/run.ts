/** What happened to the process since the last look: exits that nobody asked for, runs that began. */
import { act, type Section } from './step.ts';

export const noteExit: Section = ({ memory, run }, now) => {
  const exit = run.lastExit;
  if (exit === null || exit.isExpected) return null;
  // Two looks at one exit may differ in their clock: the run names it.
  if (memory.countedExit === exit.run) return null;
  return act(`the analytics process ended: ${exit.detail}`, {
    kind: 'count-exit',
    // The supervisor told it by a clock that was set back since.
    exit: { ...exit, at: Math.min(exit.at, now) },
  });
};

export const noteRun: Section = ({ memory, run }, now) => {
  if (run.id === null || run.id === memory.run?.id) return null;
  return act('a new run of the analytics process began', {
    kind: 'see-run',
    run: { id: run.id, startedAt: Math.min(run.startedAt ?? now, now) },
  });
};
