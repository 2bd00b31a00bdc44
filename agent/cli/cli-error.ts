/** The exit codes of the contract. They follow sysexits.h where it has one. */
export const EXIT_CODES = {
  0: 'done',
  2: 'usage',
  65: 'configuration refused',
  69: 'unhealthy or not proven',
  70: 'bug',
  73: 'cannot write or listen',
  75: 'temporary, try again',
  77: 'denied',
  78: 'bad settings',
} as const;

export type ExitCode = keyof typeof EXIT_CODES;

/** What a person sees as one sentence: what is wrong, then what to do. Lower case at its start. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly advice: string;

  constructor(exitCode: ExitCode, message: string, advice: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.advice = advice;
  }
}
