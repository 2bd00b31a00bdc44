/** What a gateway goes through, as the world around the agent does it: scripts for the crash points. */
import { BOOTS, ONCE } from './crash-scenarios/boots.ts';
import { BAD_SYNCS, CHANGES, GROUP_MOVE } from './crash-scenarios/changes.ts';
import { FAILURES } from './crash-scenarios/failures.ts';
import { HOLDS } from './crash-scenarios/holds.ts';
import { LOSSES, MISHAPS } from './crash-scenarios/mishaps.ts';
import { REQUESTS } from './crash-scenarios/requests.ts';
import type { Scenario } from './crash-scenarios/scenario.ts';

/** A seed chooses among them by their place: in another order it stands for other points. */
export const SCENARIOS: readonly Scenario[] = [
  ...BOOTS,
  ...CHANGES,
  ...FAILURES,
  ...HOLDS,
  GROUP_MOVE,
  ...REQUESTS,
  ...MISHAPS,
  ...BAD_SYNCS,
  ...LOSSES,
  ONCE,
];
