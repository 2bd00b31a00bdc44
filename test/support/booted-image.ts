/** The machine of a bake, switched on again as EC2 would start one from the image. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Status } from '../../agent/core/status.ts';
import type { Instance } from './instance.ts';
import { readStackTemplate } from './stack-template.ts';
import { until } from './until.ts';

export const STAND_IN_HOME = '/opt/datomic/stand-in';
const WAIT_MS = 180_000;

export function createBootedImage(instance: Instance) {
  const status = async (): Promise<Status | null> => {
    const text = await instance.read('/run/datomic-gateway/status.json');
    return text === null ? null : (JSON.parse(text) as Status);
  };
  return {
    status,
    /** The first status that the predicate likes. */
    waitFor: (likes: (status: Status) => boolean): Promise<Status> => {
      let found: Status | null = null;
      return until(
        async () => {
          found = await status();
          return found !== null && likes(found) ? found : null;
        },
        { timeoutMs: WAIT_MS, describe: () => `${likes}: ${JSON.stringify(found)}` },
      );
    },
    /** From the start of the agent's process to its READY, in ms, as systemd has seen it. */
    async readyMs(): Promise<number> {
      const names = ['ExecMainStartTimestampMonotonic', 'ActiveEnterTimestampMonotonic'];
      const shown = await instance.show('gateway-agent.service', ...names);
      const [started = 0, ready = 0] = names.map((name) => Number(shown[name]));
      return (ready - started) / 1_000;
    },
    /** All that the rig adds to it: nothing on this machine may be asked by its real address. */
    async connect(endpoints: Readonly<Record<string, string>>): Promise<void> {
      const environment = {
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
        ...endpoints,
      };
      const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
      await instance.write('/etc/datomic-gateway/environment', lines.join(''), 0o600);
      const often = '[Timer]\nOnUnitInactiveSec=1\n';
      await instance.write('/etc/systemd/system/gateway-first-boot.timer.d/often.conf', often);
    },
    /** The stand-in engine, beside the real one. */
    async installStandIn(): Promise<void> {
      for (const name of await readdir('test/stand-in')) {
        if (!name.endsWith('.mjs')) continue;
        await instance.write(`${STAND_IN_HOME}/${name}`, await readFile(path.join('test/stand-in', name)));
      }
      await instance.write('/etc/stand-in.json', '{}');
      const lines = [
        'GATEWAY_STARTED_DIR=/run/datomic-analytics/started',
        'STAND_IN_SCRIPT=/etc/stand-in.json',
      ];
      await instance.write(
        '/etc/systemd/system/datomic-analytics.service.d/stand-in.conf',
        `[Service]\n${lines.map((line) => `Environment=${line}\n`).join('')}`,
      );
    },
  };
}

/** The user data of the stack's launch template, with its parameters filled in. */
export async function renderUserData(values: Readonly<Record<string, string>>): Promise<string> {
  const { LaunchTemplate } = (await readStackTemplate()).Resources;
  if (LaunchTemplate === undefined) throw new Error('the stack has no LaunchTemplate');
  const { LaunchTemplateData } = LaunchTemplate.Properties as unknown as {
    readonly LaunchTemplateData: {
      readonly UserData: { readonly 'Fn::Base64': { readonly 'Fn::Sub': readonly [string, unknown] } };
    };
  };
  return LaunchTemplateData.UserData['Fn::Base64']['Fn::Sub'][0].replace(
    /\$\{([^}]+)\}/g,
    (_all, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`no value for ${name}`);
      return value;
    },
  );
}
