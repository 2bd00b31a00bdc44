import type { SyncPlan } from '../../core/sync/plan.ts';
import type { HoldKind } from '../../core/types.ts';
import type { Cli } from '../context.ts';
import { printable } from '../print.ts';
import type { SyncOptions } from './options.ts';
import type { Talk } from './talk.ts';

/**
 * What a person allows: by options, or by a yes at the terminal to what options leave open. Null for a no. Without a
 * terminal nothing is asked, and nothing allowed: the gateway holds what has to be held.
 */
export async function agree(
  cli: Cli,
  work: {
    readonly plan: SyncPlan;
    readonly options: SyncOptions;
    readonly talk: Talk;
    readonly signal: AbortSignal;
    readonly question: string;
  },
): Promise<readonly HoldKind[] | null> {
  const { plan, options, talk, signal, question } = work;
  const isYes = options.yes === true;
  const hasDeletion = plan.deletions.length + plan.lost.length > 0;
  const hasExposure = plan.widened.length > 0;
  const allow: HoldKind[] = [
    ...(options.allowDelete === true || (isYes && hasDeletion) ? (['deletion'] as const) : []),
    ...(options.exposeAll === true || (isYes && hasExposure) ? (['exposure'] as const) : []),
  ];
  const open: HoldKind[] = [
    ...(hasDeletion && !allow.includes('deletion') ? (['deletion'] as const) : []),
    ...(hasExposure && !allow.includes('exposure') ? (['exposure'] as const) : []),
  ];
  if (open.length === 0) return allow;
  const answer = await cli.ask(`${question} [y/N] `, signal);
  if (answer === null) {
    warnOfHolds(plan, open, talk);
    return allow;
  }
  if (/^\s*y(?:es)?\s*$/iu.test(answer)) return [...allow, ...open];
  talk.warn(`declined: nothing was uploaded.   [65]`);
  return null;
}

function warnOfHolds({ lost, widened }: SyncPlan, open: readonly HoldKind[], talk: Talk): void {
  if (open.includes('deletion') && lost.length > 0) {
    talk.warn(
      `the gateway keeps ${lost.map(printable).join(', ')} live until a person agrees: --allow-delete does.`,
    );
  }
  if (open.includes('exposure')) {
    const paths = widened.map(({ path }) => printable(path)).join(', ');
    talk.warn(
      `the gateway holds this sync until a person agrees that ${paths} shows more: --expose-all does.`,
    );
  }
}
