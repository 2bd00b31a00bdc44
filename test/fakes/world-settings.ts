import type { EngineIdentity } from '../../agent/core/engine/identity.ts';
import { loadSettings, type Settings } from '../../agent/settings.ts';

export const STAND_IN_IDENTITY: EngineIdentity = { name: 'stand-in', version: '0', java: 'none' };

const nothing = (): never => {
  throw Object.assign(new Error('no file'), { code: 'ENOENT' });
};

/** The defaults of the agent for a system `acme` in a bucket; no look into SQL, which the engine in memory has not. */
export function worldSettings(overrides: Partial<Settings> = {}): Settings {
  const settings = loadSettings({
    file: null,
    env: { GATEWAY_SYSTEM: 'acme', GATEWAY_SOURCE: 's3://acme-bucket', AWS_REGION: 'eu-west-1' },
    readFile: nothing,
  });
  return { ...settings, publish: { ...settings.publish, seenMs: 0 }, ...overrides };
}

const SECOND = 1_000;

/** Short times: what is decided is the same, and a thousand lives take less. */
export function shortTimes(): Partial<Settings> {
  const { source } = worldSettings();
  return {
    source: { ...source, settleMs: 3 * SECOND, settleDeletionsMs: 5 * SECOND },
    restart: {
      drainMs: 4 * SECOND,
      proveMs: 15 * SECOND,
      proveFirstMs: 30 * SECOND,
      stableMs: 6 * SECOND,
      spacingMs: 5 * SECOND,
    },
    publish: { stableMs: 8 * SECOND, seenMs: 0 },
  };
}
