/** Runs a document's own script as the SSM agent does, beside the rig's agent. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, inject } from 'vitest';
import type { Rig } from './rig.ts';
import { chooseValues, prepareStep, readDocument } from './ssm-document.ts';

export const COMMAND_ID = '5b7720aa-91c0-4e1f-8000-0123456789ab';

export interface StepRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the script finds the command line and its user on a gateway; here both are those of the test. */
function adaptScript(script: string, rig: Rig): string {
  const gatewayctl = path.join(rig.root, 'gatewayctl');
  const bundle = path.join(inject('bundleDir'), 'gatewayctl.cjs');
  const settings = [
    'GATEWAY_STATE_DIR',
    'GATEWAY_RUN_DIR',
    'GATEWAY_SOURCE',
    'GATEWAY_ETC_DIR',
    'GATEWAY_SUPERVISOR',
  ];
  const env = [...settings, 'GATEWAY_COMMAND'].map((name) => `${name}='${rig.env[name]}'`).join(' ');
  writeFileSync(gatewayctl, `#!/bin/sh\nexec env ${env} '${process.execPath}' '${bundle}' "$@"\n`, {
    mode: 0o755,
  });
  const adapted = script
    .replace('user=datomic-gateway\n', `user=${os.userInfo().username}\n`)
    .replace('command=/usr/local/bin/gatewayctl\n', `command=${gatewayctl}\n`);
  expect(adapted).not.toContain('datomic-gateway');
  expect(adapted).not.toContain('/usr/local/bin');
  return adapted;
}

export function runStep(
  rig: Rig,
  options: {
    readonly kind?: 'restart' | 'poll';
    readonly given?: Readonly<Record<string, string>>;
    readonly way?: 'environment' | 'text';
    readonly commandId?: string;
    /** As if the service did not look at them. */
    readonly values?: Readonly<Record<string, string>>;
  } = {},
): Promise<StepRun> {
  const { kind = 'restart', given = {}, way = 'environment', commandId = COMMAND_ID } = options;
  const document = readDocument(kind);
  const values = options.values ?? chooseValues(document, { wait: '30s', ...given });
  const { script, env } = prepareStep(document, { values, way, commandId });
  const directory = path.join(rig.root, 'orchestration');
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, '_script.sh');
  writeFileSync(file, adaptScript(script, rig));
  return new Promise((resolve) => {
    execFile(
      'sh',
      [file],
      { env: { PATH: '/usr/bin:/bin', ...env }, cwd: directory },
      (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}
