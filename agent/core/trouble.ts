import type { ConditionType } from './condition-types.ts';
import { type AgentError, describeError, ERRORS } from './errors.ts';

/** Something beside the configuration that does not work: shown as a condition of its own, and no more than that. */
export interface Trouble {
  /** Type of the condition, e.g. `BaselineUnsaved`. */
  readonly type: ConditionType;
  /** CamelCase. */
  readonly reason: string;
  /** One sentence for people. */
  readonly message: string;
}

export function troubleOf(type: ConditionType, error: AgentError): Trouble {
  const reason = error.code
    .toLowerCase()
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
  return { type, reason, message: `${describeError(error)}. ${ERRORS[error.code].hint}` };
}
