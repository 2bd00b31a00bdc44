import type { CliContext } from './context.ts';

const MAX_LENGTH = 128;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Who runs the command, for status and history: the person behind `sudo`, where there is one. */
export function whoAsks(env: CliContext['env']): string {
  const name = [env.SUDO_USER, env.USER, env.LOGNAME].find((value) => value !== undefined && value !== '');
  return (name ?? 'unknown').replaceAll(UNPRINTABLE, '?').slice(0, MAX_LENGTH);
}
