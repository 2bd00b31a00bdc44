import type { Layout } from '../../core/layout.ts';
import type { LocalSettings } from '../../settings.ts';
import type { Cli } from '../context.ts';

/** One line of the doctor. */
export interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'warning' | 'fault';
  /** One sentence: what was found. */
  readonly message: string;
  /** What to do; null when all is well. */
  readonly remedy: string | null;
}

export interface Patient {
  readonly cli: Cli;
  readonly settings: LocalSettings;
  readonly layout: Layout;
}

export type Check = (patient: Patient) => Promise<readonly Finding[]>;

export const fine = (check: string, message: string): Finding => ({
  check,
  verdict: 'ok',
  message,
  remedy: null,
});

export const warning = (check: string, message: string, remedy: string): Finding => ({
  check,
  verdict: 'warning',
  message,
  remedy,
});

export const fault = (check: string, message: string, remedy: string): Finding => ({
  check,
  verdict: 'fault',
  message,
  remedy,
});
