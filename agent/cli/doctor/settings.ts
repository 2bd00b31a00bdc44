import { AgentError } from '../../core/errors.ts';
import { type Layout, layoutOf } from '../../core/layout.ts';
import {
  DEFAULT_SETTINGS_FILE,
  type LocalSettings,
  loadLocalSettings,
  loadSettings,
} from '../../settings.ts';
import type { Cli } from '../context.ts';
import { type Finding, fault, fine } from './finding.ts';

/** The settings as the agent would load them; `null` when nothing else can be checked with them. */
export function checkSettings(cli: Cli): {
  readonly findings: readonly Finding[];
  readonly usable: { readonly settings: LocalSettings; readonly layout: Layout } | null;
} {
  const input = { file: cli.configFile(), env: cli.env, readFile: cli.readText, flags: cli.flags() };
  const problems = problemsOf(() => loadSettings(input));
  const findings =
    problems.length === 0
      ? [fine('settings', input.file ?? DEFAULT_SETTINGS_FILE)]
      : problems.map((problem) => fault('settings', problem, 'correct the setting that is named'));
  // What is merely missing, such as the source, keeps nothing else from being looked at.
  if (problemsOf(() => loadLocalSettings(input)).length > 0) return { findings, usable: null };
  const settings = loadLocalSettings(input);
  return { findings, usable: { settings, layout: layoutOf(settings.paths) } };
}

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
    return [];
  } catch (error) {
    if (error instanceof AgentError && error.code === 'SETTINGS_INVALID') {
      return error.fields.problems as readonly string[];
    }
    throw error;
  }
}
