import { type Command, InvalidArgumentError, Option } from 'commander';
import type { EngineIdentity } from '../core/engine/identity.ts';
import { ENGINE_NAME_EXPECTED, parseEngineName } from '../core/engine-name.ts';
import { parseSize } from '../core/settings-values.ts';
import type { SizingInput } from '../core/sizing.ts';
import { LIMITED, type Limited } from '../core/unit-limits.ts';
import { CliError } from './cli-error.ts';
import type { Cli } from './context.ts';

interface Options {
  readonly memory?: number;
  readonly cpus?: number;
  readonly engine?: EngineIdentity;
  readonly types?: boolean;
  readonly unitLimits?: Limited;
  readonly json?: boolean;
}

const NOTE = `
Without --memory and --cpus it is about this machine, without --engine about the
engine that the settings name or that lies in analytics.home. Exit 0, also when
the machine is too small: the verdict says so.`;

export function addSize(program: Command, cli: Cli): void {
  program
    .command('size')
    .description('show the memory plan of this machine or another one, with its reasons')
    .option('--memory <size>', 'plan for this much memory, such as 8GiB', parseMemory)
    .option('--cpus <n>', 'plan for so many processors', parseCpus)
    .option('--engine <name>', `plan for ${ENGINE_NAME_EXPECTED}`, parseEngine)
    .option('--types', 'show which instance types are enough, and the heap on each')
    .addOption(
      new Option('--unit-limits <whose>', 'print the systemd drop-in with the limits of one of them').choices(
        LIMITED,
      ),
    )
    .option('--json', 'print it as JSON')
    .addHelpText('after', NOTE)
    .action(async (options: Options) => {
      refuseContradictions(options);
      cli.stdout.write(await showSize(cli, options));
    });
}

function refuseContradictions({ types, unitLimits, memory, cpus, json }: Options): void {
  if (types === true && (unitLimits !== undefined || memory !== undefined || cpus !== undefined)) {
    throw new CliError(
      2,
      '--types is about all instance types',
      'Leave out --memory, --cpus and --unit-limits.',
    );
  }
  if (unitLimits !== undefined && json === true) {
    throw new CliError(2, '--unit-limits prints a file of systemd', 'Take the limits from --json alone.');
  }
}

async function showSize(cli: Cli, options: Options): Promise<string> {
  const input = await readInput(cli, options);
  if (options.unitLimits !== undefined) {
    const [{ renderDropIn }, { planMemory }] = await Promise.all([
      import('../core/unit-limits.ts'),
      import('../core/sizing.ts'),
    ]);
    return renderDropIn(planMemory(input), options.unitLimits);
  }
  const { printPlanJson, printTypesJson } = await import('./size-json.ts');
  if (options.json === true)
    return options.types === true ? printTypesJson(input.engine) : printPlanJson(input);
  const [{ renderPlan, renderTypes }, { createStyle }] = await Promise.all([
    import('./size-text.ts'),
    import('./style.ts'),
  ]);
  const style = createStyle(cli.stdout, cli.env);
  const lines =
    options.types === true
      ? renderTypes(input.engine, style)
      : renderPlan(input, { style, isThisMachine: options.memory === undefined });
  return `${lines.join('\n')}\n`;
}

async function readInput(cli: Cli, options: Options): Promise<SizingInput> {
  const [{ loadCliSettings }, { readLocalSizing }] = await Promise.all([
    import('./cli-settings.ts'),
    import('./local-sizing.ts'),
  ]);
  const here = await readLocalSizing(loadCliSettings(cli).settings);
  return {
    totalBytes: options.memory ?? here.totalBytes,
    cpus: options.cpus ?? here.cpus,
    engine: options.engine ?? here.engine,
  };
}

function parseMemory(text: string): number {
  const bytes = parseSize(text);
  if (bytes === null || bytes === 0)
    throw new InvalidArgumentError('Expected a size such as 512MiB or 8GiB.');
  return bytes;
}

function parseCpus(text: string): number {
  const cpus = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (cpus === 0) throw new InvalidArgumentError('Expected a whole number above 0.');
  return cpus;
}

function parseEngine(text: string): EngineIdentity {
  const engine = parseEngineName(text);
  if (engine === null) throw new InvalidArgumentError(`Expected ${ENGINE_NAME_EXPECTED}.`);
  return engine;
}
