import type { Command } from 'commander';
import type { OperatorAws } from '../ports/operators.ts';
import type { Cli } from './context.ts';

/** What every command that works on a system from an operator's machine can be told. */
export interface SystemOptions {
  readonly profile?: string;
  readonly region?: string;
}

/** Adds `-p/--profile` and `-r/--region`. */
export function addSystemOptions(command: Command): Command {
  return command
    .option('-p, --profile <name>', 'AWS profile (default: AWS_PROFILE, or the SDK’s own chain)')
    .option('-r, --region <name>', 'AWS region (default: AWS_REGION, or that of the profile)');
}

export function openAws(cli: Cli, { profile, region }: SystemOptions): Promise<OperatorAws> {
  return cli.openAws({ profile: profile ?? null, region: region ?? null });
}
