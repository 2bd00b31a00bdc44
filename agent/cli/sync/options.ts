import type { SystemOptions } from '../system-options.ts';

export interface SyncOptions extends SystemOptions {
  readonly queryGroup?: string;
  readonly schema: readonly string[];
  readonly dryRun?: boolean;
  readonly allowDelete?: boolean;
  readonly exposeAll?: boolean;
  readonly yes?: boolean;
  readonly takeOver?: boolean;
  readonly wait?: boolean;
  readonly waitTimeout: number;
  readonly json?: boolean;
}
