/**
 * What first boot tells the CloudWatch agent, where the launch of the instance asked for it: which log, and where it
 * goes. Pure.
 */
import { decodeJson, shape, text } from './decode.ts';

/** As CloudWatch names log groups. */
const LOG_GROUP = /^[A-Za-z0-9_\-/.#]{1,512}$/;

/**
 * Units whose log may leave the machine. Not the engine's: what it prints is its plugins' to decide, and a stack trace
 * can hold the address of a storage with its password. The agent's log has the engine's last words, redacted.
 */
export const SHIPPED_UNITS = [
  'gateway-agent.service',
  'gateway-first-boot.service',
  'gateway-memory.service',
  'gateway-signal.service',
  'gateway-access-setup.service',
  'gateway-packet-filter.service',
  'gateway-access.service',
  // Who came in: the one is Debian's, the other Amazon Linux's name.
  'ssh.service',
  'sshd.service',
] as const;

const userDataOf = shape({ logs: shape({ group: text }) });

export type LogWish =
  | { readonly kind: 'none' }
  | { readonly kind: 'group'; readonly group: string }
  /** One sentence; it quotes nothing of the user data. */
  | { readonly kind: 'unusable'; readonly problem: string };

/** An empty group is what a stack without logs writes. */
export function readLogWish(userData: string | null): LogWish {
  if (userData === null || !userData.trimStart().startsWith('{')) return { kind: 'none' };
  const decoded = decodeJson(userDataOf, userData);
  if (!decoded.isValid || decoded.value.logs.group === '') return { kind: 'none' };
  const { group } = decoded.value.logs;
  if (LOG_GROUP.test(group)) return { kind: 'group', group };
  return { kind: 'unusable', problem: 'user data: expected the name of a log group as "logs.group"' };
}

/** The configuration of the CloudWatch agent: one stream for each instance. */
export const renderShipperConfig = (group: string, region: string): string =>
  `${JSON.stringify(
    {
      agent: { region, run_as_user: 'cwagent' },
      logs: {
        logs_collected: {
          journald: {
            collect_list: [{ log_group_name: group, log_stream_name: '{instance_id}', units: SHIPPED_UNITS }],
          },
        },
      },
    },
    null,
    2,
  )}\n`;
