import { createEngineHttp } from '../../adapters/engine-http.ts';
import { inspectStart } from '../../adapters/engine-preflight.ts';
import { readListeners } from '../../adapters/listening-ports.ts';
import { runCommand } from '../../adapters/run-command.ts';
import { AgentError } from '../../core/errors.ts';
import { dataDirOf } from '../../core/layout.ts';
import type { Status } from '../../core/status.ts';
import { CliError } from '../cli-error.ts';
import { findAgentProblem } from '../living-agent.ts';
import { printable } from '../print.ts';
import { readStatus } from '../status-file.ts';
import { type Check, type Finding, fault, fine, type Patient, warning } from './finding.ts';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 64 * 1024;

/** The agent itself: alive, and its status fresh. */
export const checkAgent: Check = async ({ cli, layout, settings }) => {
  const problem = findAgentProblem(cli, layout, settings);
  return problem === null
    ? [fine('agent', `runs, process ${readStatusOrNull({ cli, layout, settings })?.agent.pid ?? 'unknown'}`)]
    : [fault('agent', problem.replace(/\.$/, ''), 'systemctl status gateway-agent')];
};

/** What supervises the analytics process. */
export const checkUnit: Check = async ({ settings }) => {
  const { supervisor, unit, command } = settings.analytics;
  if (supervisor === 'child') return [fine('unit', `a child of the agent: ${command?.[0] ?? 'no command'}`)];
  try {
    const properties = '--property=LoadState,ActiveState,Result';
    const { stdout } = await runCommand('systemctl', ['show', properties, unit]);
    return [judgeUnit(unit, stdout)];
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return [fault('unit', 'systemctl cannot be asked', 'set analytics.supervisor to child without systemd')];
  }
};

function judgeUnit(unit: string, text: string): Finding {
  const read = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? 'unknown';
  const [load, active, result] = [read('LoadState'), read('ActiveState'), read('Result')];
  if (load !== 'loaded') {
    return fault('unit', `${unit} is ${load}`, 'install the unit, or correct analytics.unit');
  }
  if (active === 'failed') return fault('unit', `${unit} failed: ${result}`, 'gatewayctl logs');
  return active === 'inactive'
    ? warning('unit', `${unit} is not started`, 'gatewayctl status says why')
    : fine('unit', `${unit} is ${active}`);
}

/** What is installed, and whether it answers. */
export const checkEngine: Check = async (patient) => {
  const { analytics } = patient.settings;
  const http = createEngineHttp({ url: analytics.url, maxBytes: MAX_BYTES });
  const { signal } = new AbortController();
  const answer = await http.send({ method: 'GET', path: '/v1/info', signal, timeoutMs: TIMEOUT_MS });
  const status = readStatusOrNull(patient);
  const isAnswering = answer.kind === 'answered' && answer.status === 200;
  const { engine, findings: missing } = await inspectMachine(
    patient,
    isAnswering || (status?.analytics.pid ?? null) !== null,
  );
  const { name, version } = engine.identity;
  if (isAnswering) {
    const shown = version === 'unknown' ? '' : `${name} ${version}, `;
    const isServing = status?.analytics.serving === true;
    const message = `${shown}answers at ${analytics.url}`;
    return [
      ...missing,
      isServing
        ? fine('engine', `${message}, serving`)
        : warning('engine', `${message}, not serving`, 'gatewayctl status says what is waited for'),
    ];
  }
  const why = answer.kind === 'failed' ? answer.reason : `status ${answer.status}`;
  const message = `no answer at ${analytics.url}: ${printable(why)}`;
  // Not started on purpose is the agent's business, and its status says why.
  const isWanted = status !== null && status.effective !== null && status.analytics.state !== 'stopped';
  const remedy = 'gatewayctl status, gatewayctl logs';
  return [...missing, isWanted ? fault('engine', message, remedy) : warning('engine', message, remedy)];
};

/** What would keep the next start from working. */
async function inspectMachine({ settings }: Patient, isRunning: boolean) {
  const { analytics, paths } = settings;
  const { engine, findings } = await inspectStart({
    ...analytics,
    engine: analytics.engine ?? (analytics.supervisor === 'child' ? 'stand-in' : null),
    port: analytics.listen.port,
    dataDir: dataDirOf(paths.etc),
    isRunning,
  });
  return {
    engine,
    findings: findings
      // The limit of whoever runs the doctor is not that of the unit.
      .filter(({ reason }) => reason !== 'TooFewOpenFiles')
      .map(({ verdict, message, remedy }) => ({ check: 'engine', verdict, message, remedy })),
  };
}

/** Only this machine may reach what listens here. */
export const checkPorts: Check = async ({ settings }) => {
  const listeners = await readListeners();
  if (listeners === null) return [warning('ports', 'the kernel does not tell what listens', 'none needed')];
  const { listen } = settings.analytics;
  const wanted = [
    ['the analytics process', listen.port],
    ...(settings.http.listen === null ? [] : [['the agent', settings.http.listen.port] as const]),
  ] as const;
  const exposed = wanted.filter(([, port]) =>
    listeners.some((listener) => listener.port === port && !listener.isLoopback),
  );
  if (exposed.length === 0) {
    const ports = wanted.map(([, port]) => port).join(' and ');
    return [fine('ports', `${ports}: nothing there can be reached from other machines`)];
  }
  return exposed.map(([who, port]) =>
    fault(
      'ports',
      `port ${port} of ${who} can be reached from other machines`,
      'bind it to 127.0.0.1, or find out what else listens there: ss -ltnp',
    ),
  );
};

function readStatusOrNull({ cli, layout, settings }: Patient): Status | null {
  try {
    const { listIntervalMs } = settings.source;
    const { readText } = cli;
    return readStatus({ path: layout.statusFile, readText, now: cli.now(), listIntervalMs }).status;
  } catch (error) {
    // That there is no status is a finding of its own.
    if (error instanceof CliError) return null;
    throw error;
  }
}
