import { type Layout, layoutOf } from '../core/layout.ts';
import { type LocalSettings, loadLocalSettings } from '../settings.ts';
import type { Cli } from './context.ts';

/** The settings as the commands need them: those of the gateway where there are any, else defaults. */
export function loadCliSettings(cli: Cli): { readonly settings: LocalSettings; readonly layout: Layout } {
  const settings = loadLocalSettings({
    file: cli.configFile(),
    env: cli.env,
    readFile: cli.readText,
    flags: cli.flags(),
  });
  return { settings, layout: layoutOf(settings.paths) };
}
