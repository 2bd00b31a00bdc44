import { decodeJson, shape, text } from './decode.ts';

/** Who waits for this instance: a stack, by its id, and its scaling group in it. */
export interface SignalTarget {
  readonly stack: string;
  readonly resource: string;
}

const userDataOf = shape({ signal: shape({ stack: text, resource: text }) });

/** Null when the user data names nobody who waits. */
export function readSignalTarget(userData: string | null): SignalTarget | null {
  if (userData === null || !userData.trimStart().startsWith('{')) return null;
  const decoded = decodeJson(userDataOf, userData);
  return decoded.isValid ? decoded.value.signal : null;
}

/** What the instance shows of itself. */
export interface Arrival {
  /** First boot has given up for good: its exit code 78. */
  readonly isRefused: boolean;
  /** Its settings are no longer those of the image. */
  readonly isConfigured: boolean;
  /** The system of its settings; null for none. */
  readonly system: string | null;
  /** Of the status of a living agent; null without one. */
  readonly agent: { readonly system: string | null } | null;
}

export type Verdict =
  | { readonly kind: 'success' }
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'failure'; readonly reason: string };

/**
 * An instance has arrived when its agent lives with the settings that it was launched with. Not when it is serving: a
 * stack whose bucket holds no configuration yet is whole, and a mistake in a catalog must not replace machines.
 */
export function judgeArrival({ isRefused, isConfigured, system, agent }: Arrival): Verdict {
  if (isRefused) return { kind: 'failure', reason: 'first boot refused the user data' };
  if (!isConfigured) return { kind: 'wait', reason: 'first boot has not written the settings yet' };
  if (agent === null) return { kind: 'wait', reason: 'no agent has written a status yet' };
  if (agent.system !== system) return { kind: 'wait', reason: 'the agent runs with other settings' };
  return { kind: 'success' };
}
