/** The program `gatewayctl`: its commands, and how it ends. Commands load their own parts when they run. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { addCommands } from './commands.ts';
import type { Cli, CliContext } from './context.ts';
import { addExamples } from './examples.ts';
import { reportFailure } from './failure.ts';

const EXAMPLES = `
Examples:
  $ gatewayctl validate config      every mistake in config/, with its line
  $ gatewayctl plan config          what publishing config/ would do here
  $ gatewayctl plan new --from old  the same between two directories
  $ gatewayctl explain config --schema s.edn
                                    the tables that come out, and why others not
  $ gatewayctl status --watch       what runs, what was asked, why they differ
  $ gatewayctl restart              one restart; waits until it is serving
  $ gatewayctl diff                 desired against effective, file by file
  $ gatewayctl gateway status acme  a gateway elsewhere, from its bucket
  $ gatewayctl client access acme   a tunnel into its VPC that stays up

A directory is laid out like the source: catalog/*.properties, datomic/*.edn.
Data goes to stdout, talk to stderr. NO_COLOR is honoured.

Exit codes: 0 done, 2 usage, 65 configuration refused, 69 unhealthy or not
proven, 70 bug, 73 cannot write or listen, 75 temporary, 77 denied, 78 bad
settings.`;

const USAGE = 2;

/** The program with its commands; README is tested against it. */
export function createProgram(context: CliContext, onExit: (code: number) => void): Command {
  const program = new Command('gatewayctl');
  const cli: Cli = {
    ...context,
    configFile: () => program.opts<{ config?: string }>().config ?? null,
    flags: () => program.opts<{ set: Record<string, string> }>().set,
    exit: onExit,
  };
  program
    .description('Looks after a Datomic access gateway.')
    .version(context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .option('--config <file>', 'settings (default: /etc/datomic-gateway/agent.json)')
    .addOption(
      new Option('--set <key=value>', 'one setting, above file and environment; repeatable')
        .argParser(collectFlag)
        .default({}, 'none'),
    )
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(gatewayctl --help shows commands and options)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'gatewayctl: ')),
      getOutHelpWidth: () => context.stdout.columns ?? 80,
      getErrHelpWidth: () => context.stderr.columns ?? 80,
    })
    .exitOverride();
  addCommands(program, cli);
  addExamples(program);
  passOn(program);
  return program;
}

/** What was set on the program holds for all commands, and for those of groups. */
function passOn(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    passOn(command);
  }
}

/** Runs one command line and resolves with its exit code. Never rejects. `argv` begins after the program's name. */
export async function runProgram(argv: readonly string[], context: CliContext): Promise<number> {
  let exitCode = 0;
  try {
    const program = createProgram(context, (code) => {
      exitCode = code;
    });
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    return reportFailure(error, context);
  }
}

function collectFlag(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected KEY=VALUE, such as paths.run=/tmp/run.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
