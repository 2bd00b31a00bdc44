/** What each step of client access is given, and what it comes to. */
import type { AccessMemory } from '../../core/access/memory.ts';
import type { AccessProblem } from '../../core/access/report.ts';
import type { AccessObjects, InstanceKeys, PacketFilter, RootFiles, Sshd } from '../../ports/access.ts';
import type { Clock } from '../../ports.ts';

export interface AccessParts {
  readonly filter: PacketFilter;
  /** The state directory. */
  readonly kept: RootFiles;
  /** The run directory: empty after a boot. */
  readonly live: RootFiles;
  readonly sshd: Sshd;
  /** null where the source is no bucket of the original layout. */
  readonly objects: AccessObjects | null;
  readonly instanceKeys: InstanceKeys;
  readonly clock: Clock;
  readonly permitOpen: readonly string[] | null;
  readonly system: string | null;
  readonly region: () => Promise<string | null>;
  /** As the agent tells them; null when it does not. */
  readonly groups: () => Promise<readonly string[] | null>;
  /** This machine's host key, public half; null before it was made. */
  readonly hostKey: () => Promise<{ readonly text: string; readonly madeAt: number } | null>;
}

/** What the first two steps need, which hang on no settings. */
export type GuardParts = Pick<AccessParts, 'filter' | 'kept' | 'live'>;

/** What a step found wrong, and what is to be remembered. */
export interface StepResult {
  readonly problems: readonly AccessProblem[];
  readonly memory?: Partial<AccessMemory>;
}

export const problem = (reason: string, message: string): AccessProblem => ({ reason, message });
