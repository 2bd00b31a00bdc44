import { createAccessReport } from '../../adapters/access-report.ts';
import { FAULTY_REASONS, troubleOfReport } from '../../core/access/report.ts';
import { type Check, fault, fine, warning } from './finding.ts';

const REMEDY = 'sudo gatewayctl access apply says it anew; README, Client access';

/** What root's helper for client access last found. */
export const checkAccess: Check = async ({ cli, settings }) => {
  const text = await createAccessReport()();
  if (text === null) {
    // A gateway has units; an agent with a child of its own, as in development, lets nobody in.
    return settings.analytics.supervisor === 'child'
      ? []
      : [warning('access', 'client access was never set up', 'systemctl status gateway-access.timer')];
  }
  const trouble = troubleOfReport(text, cli.now());
  if (trouble === null) return [fine('access', 'keys, forwarding targets and packet filter are in force')];
  const judge = FAULTY_REASONS.includes(trouble.reason) ? fault : warning;
  return [judge('access', trouble.message, REMEDY)];
};
