import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { GatewayCommands } from '../ports/remote-control.ts';
import { callAws, type OperatorConfig } from './operator-config.ts';
import { findName } from './sdk-error.ts';

/** How long Systems Manager tries to hand a command over. An agent that is there takes it within seconds. */
const DELIVERY_TIMEOUT_S = 60;
const MAX_COMMENT = 100;

/** Run Command of Systems Manager. Needs `ssm:SendCommand` and `ssm:GetCommandInvocation`. */
export function createGatewayCommands(config: OperatorConfig): GatewayCommands {
  const client = new SSMClient(config);
  return {
    send: ({ document, instance, parameters, comment }, signal) =>
      callAws({ call: 'ssm:SendCommand', resource: document }, signal, async (abortSignal) => {
        const command = new SendCommandCommand({
          DocumentName: document,
          InstanceIds: [instance],
          Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
          TimeoutSeconds: DELIVERY_TIMEOUT_S,
          Comment: comment.slice(0, MAX_COMMENT),
        });
        const { Command } = await client.send(command, { abortSignal });
        if (Command?.CommandId === undefined) throw new Error('Systems Manager gave the command no id');
        return Command.CommandId;
      }),
    look: (id, instance, signal) =>
      callAws({ call: 'ssm:GetCommandInvocation' }, signal, async (abortSignal) => {
        const command = new GetCommandInvocationCommand({ CommandId: id, InstanceId: instance });
        const found = await client.send(command, { abortSignal }).catch((error: unknown) => {
          // A command is known here a moment after it was sent.
          if (findName(error) === 'InvocationDoesNotExist') return null;
          throw error;
        });
        if (found === null) return null;
        return {
          // `Delivery Timed Out` in the documentation of some calls, `DeliveryTimedOut` in others.
          status: (found.StatusDetails || found.Status || '').replaceAll(' ', ''),
          exitCode: found.ResponseCode ?? -1,
          stdout: found.StandardOutputContent ?? '',
          stderr: found.StandardErrorContent ?? '',
        };
      }),
  };
}
