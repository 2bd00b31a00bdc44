import type { Command } from 'commander';
import type { Cli } from './context.ts';
import type { Finding } from './doctor/finding.ts';

const UNHEALTHY = 69;

export function addDoctor(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .description(
      'check settings, permissions, source, clock, unit, engine, memory, disk, ports, client access',
    )
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', '\nExit 69 when something is at fault; warnings alone are 0.')
    .action(async (options: { json?: boolean }) => {
      cli.exit(await examine(cli, options.json === true));
    });
}

async function examine(cli: Cli, isJson: boolean): Promise<number> {
  const [
    { checkSettings },
    { checkDisk, checkPermissions },
    { checkClock, checkSource },
    engine,
    { checkMemory },
    { checkWarmStart },
    { checkAccess },
  ] = await Promise.all([
    import('./doctor/settings.ts'),
    import('./doctor/files.ts'),
    import('./doctor/source.ts'),
    import('./doctor/engine.ts'),
    import('./doctor/memory.ts'),
    import('./doctor/warm-start.ts'),
    import('./doctor/access.ts'),
  ]);
  const { checkAgent, checkEngine, checkPorts, checkUnit } = engine;
  const { findings: ofSettings, usable } = checkSettings(cli);
  const checks =
    usable === null
      ? []
      : [
          checkPermissions,
          checkSource,
          checkClock,
          checkAgent,
          checkUnit,
          checkEngine,
          checkMemory,
          checkWarmStart,
          checkDisk,
          checkPorts,
          checkAccess,
        ].map((check) => check({ cli, ...usable }));
  const findings = [...ofSettings, ...(await Promise.all(checks)).flat()];
  if (isJson) cli.stdout.write(`${JSON.stringify({ findings }, null, 2)}\n`);
  else for (const line of await render(cli, findings)) cli.stdout.write(`${line}\n`);
  return findings.some(({ verdict }) => verdict === 'fault') ? UNHEALTHY : 0;
}

async function render(cli: Cli, findings: readonly Finding[]): Promise<readonly string[]> {
  const [{ createStyle }, { printable }] = await Promise.all([import('./style.ts'), import('./print.ts')]);
  const style = createStyle(cli.stdout, cli.env);
  const paint = { ok: style.good, warning: style.warning, fault: style.error };
  return findings.map(({ check, verdict, message, remedy }) => {
    const advice = remedy === null ? '' : `  → ${remedy}`;
    return `${paint[verdict](verdict.padEnd(7))}  ${check.padEnd(11)}  ${printable(message)}${printable(advice)}`;
  });
}
