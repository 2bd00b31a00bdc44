/** `gatewayctl access apply`: root's helper, with this machine's parts. */
import { createAccessObjects } from '../adapters/access-objects.ts';
import { createClock } from '../adapters/clock.ts';
import { metadataEndpoint, readKeyPair } from '../adapters/instance-metadata.ts';
import { createMachine } from '../adapters/machine.ts';
import { createPacketFilter } from '../adapters/packet-filter.ts';
import { readRegularFile } from '../adapters/regular-file.ts';
import { createRootFiles, readHostKeyFile } from '../adapters/root-files.ts';
import { runCommand } from '../adapters/run-command.ts';
import { createS3Access } from '../adapters/s3-access.ts';
import { createSshd } from '../adapters/sshd.ts';
import { applyAccess, guardAccess } from '../app/access/apply.ts';
import type { GuardParts } from '../app/access/step.ts';
import { readGroups } from '../core/access/groups.ts';
import { ACCESS_LAYOUT } from '../core/access/layout.ts';
import { FAULTY_REASONS } from '../core/access/report.ts';
import { AgentError } from '../core/errors.ts';
import type { InstanceKeys } from '../ports/access.ts';
import { loadCliSettings } from './cli-settings.ts';
import type { Cli } from './context.ts';
import { printable } from './print.ts';

const METADATA_TIMEOUT_MS = 3_000;
const MAX_STATUS_BYTES = 4 * 1024 * 1024;
const UNHEALTHY = 69;

export async function applyHere(cli: Cli, isJson: boolean): Promise<number> {
  const { stateDir, runDir, rulesFile, hostKeyFile } = ACCESS_LAYOUT;
  const guarded: GuardParts = {
    filter: createPacketFilter({ rulesFile, runCommand }),
    kept: createRootFiles(stateDir),
    live: createRootFiles(runDir),
  };
  const { settings, layout } = await loadOrGuard(cli, guarded);
  const { env } = cli;
  const { location } = settings.source;
  const { system } = settings;
  const clock = createClock();
  const machine = createMachine({ environment: env, isEngineInOwnGroup: false, onInstance: () => undefined });
  const s3 = createS3Access({ region: settings.region, machine, clock, env });
  const hasPlace = location?.kind === 's3-layout' && system !== null;
  try {
    const problems = await applyAccess({
      ...guarded,
      sshd: createSshd({ runCommand }),
      objects: hasPlace ? createAccessObjects({ client: s3.client, bucket: location.bucket, system }) : null,
      instanceKeys: createInstanceKeys(env),
      clock,
      permitOpen: settings.access.permitOpen,
      system,
      region: () => s3.region().catch(nullUnlessBug),
      groups: async () => {
        const bytes = await readRegularFile(layout.statusFile, MAX_STATUS_BYTES).catch(() => null);
        return bytes === null ? null : readGroups(Buffer.from(bytes).toString('utf8'));
      },
      hostKey: () => readHostKeyFile(hostKeyFile),
    });
    if (isJson) cli.stdout.write(`${JSON.stringify({ problems }, null, 2)}\n`);
    else for (const { reason, message } of problems) cli.stdout.write(`${reason}: ${printable(message)}\n`);
    return problems.some(({ reason }) => FAULTY_REASONS.includes(reason)) ? UNHEALTHY : 0;
  } finally {
    machine.close();
  }
}

/** Settings that are refused must not leave keys where the packet filter is gone. */
async function loadOrGuard(cli: Cli, guarded: GuardParts): Promise<ReturnType<typeof loadCliSettings>> {
  try {
    return loadCliSettings(cli);
  } catch (error) {
    for (const { reason, message } of await guardAccess(guarded)) {
      cli.stderr.write(`${reason}: ${printable(message)}\n`);
    }
    throw error;
  }
}

function createInstanceKeys(env: Cli['env']): InstanceKeys {
  const endpoint = metadataEndpoint(env);
  return {
    async read() {
      if (endpoint === null) return { kind: 'unknown' };
      try {
        const text = await readKeyPair({ endpoint, timeoutMs: METADATA_TIMEOUT_MS });
        return text === null ? { kind: 'none' } : { kind: 'found', text };
      } catch {
        // Late, away or odd: all the same here, and asked again in a minute.
        return { kind: 'unknown' };
      }
    },
  };
}

function nullUnlessBug(error: unknown): null {
  if (error instanceof AgentError) return null;
  throw error;
}
