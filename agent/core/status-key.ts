import type { Status } from './status.ts';

/** Fields that hold an instant, and nothing else that would matter. */
const INSTANT = /^(?:at|.*At|lastTransitionTime)$/;

/**
 * Equal for documents that differ in time stamps only. How many queries run counts only with
 * `withQueries`: on a busy gateway it is another number at every look.
 */
export function statusKey(status: Status, options: { readonly withQueries: boolean }): string {
  return JSON.stringify(status, (name, value: unknown) => {
    if (INSTANT.test(name)) return value === null ? null : 0;
    return name === 'queriesRunning' && !options.withQueries ? 0 : value;
  });
}
