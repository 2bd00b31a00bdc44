import { CloudFormationClient, SignalResourceCommand } from '@aws-sdk/client-cloudformation';
import type { SignalTarget } from '../core/stack-signal.ts';
import { chooseAwsConfig } from './aws-config.ts';
import { translateAwsError } from './aws-error.ts';
import { withDeadline } from './deadline.ts';
import { findName } from './sdk-error.ts';

const CALL_TIMEOUT_MS = 10_000;

/**
 * Tells CloudFormation how an instance is. `not-waiting`: the stack is not in the middle of an operation, as after a
 * reboot, or has ended it. Rejects with AWS_*. Needs cloudformation:SignalResource.
 */
export async function sendStackSignal(options: {
  readonly target: SignalTarget;
  readonly region: string;
  readonly instanceId: string;
  readonly isSuccess: boolean;
  readonly signal: AbortSignal;
}): Promise<'sent' | 'not-waiting'> {
  const { target, region, instanceId, isSuccess, signal } = options;
  const client = new CloudFormationClient(chooseAwsConfig({ region: async () => region }));
  const command = new SignalResourceCommand({
    StackName: target.stack,
    LogicalResourceId: target.resource,
    // A scaling group counts instances: the same one twice is one signal.
    UniqueId: instanceId,
    Status: isSuccess ? 'SUCCESS' : 'FAILURE',
  });
  try {
    const work = (abortSignal: AbortSignal) => client.send(command, { abortSignal });
    await withDeadline({ timeoutMs: CALL_TIMEOUT_MS, signal, work });
    return 'sent';
  } catch (error) {
    if (findName(error) === 'ValidationError') return 'not-waiting';
    throw translateAwsError(error, 'cloudformation:SignalResource');
  } finally {
    client.destroy();
  }
}
