/** Every type of condition that the agent can show, once. README says of each what to do; a test compares. */
import type { Condition } from './status.ts';

/** Always there, with any status; True is good. */
export const ALWAYS = [
  'SourceReachable',
  'Valid',
  'Published',
  'Healthy',
  'Proven',
  'MemorySufficient',
] as const;

/** There only when they have something to say. */
const SOMETIMES = [
  'MetaschemaEffect',
  'DeletionHeld',
  'ExposureHeld',
  'Quarantined',
  'Paused',
  'SyncPending',
  'SyncInterrupted',
  'GroupMoved',
  'DriftRepaired',
  'Ended',
  'BackendFailing',
  'StepFailed',
  'StateLost',
  'MemoryPressure',
  'ClientAccess',
  'BaselineUnread',
  'BaselineUnsaved',
  'StatusUnsaved',
  'MetricsUnsent',
  'ComplianceUnsent',
  'HttpUnavailable',
] as const;

export const CONDITION_TYPES = [...ALWAYS, ...SOMETIMES];

export type ConditionType = (typeof CONDITION_TYPES)[number];

/** What is said, before it is known since when. */
export type ConditionDraft = Omit<Condition, 'type' | 'lastTransitionTime'> & {
  readonly type: ConditionType;
};
