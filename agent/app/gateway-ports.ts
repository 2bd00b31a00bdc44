/** What the application is made of that is not its own: ports, and facts that the composition root finds out. */
import type { Sha256 } from '../core/digest.ts';
import type { EngineIdentity } from '../core/engine/identity.ts';
import type { Memory } from '../core/memory.ts';
import type { Release, RenderingInputs } from '../core/release.ts';
import type { Settings } from '../core/settings-typed.ts';
import type { Trouble } from '../core/trouble.ts';
import type { EngineTables } from '../ports/tables.ts';
import type {
  Clock,
  ConfigSource,
  EngineProbe,
  History,
  LiveEtc,
  Log,
  Machine,
  MemoryFile,
  Notifier,
  ReleaseStore,
  RequestSpool,
  StatusSink,
  Supervisor,
} from '../ports.ts';
import type { Inheritance } from './inheritance.ts';
import type { Recalled } from './recall.ts';
import type { Triggers } from './triggers.ts';

/** What runs beside the cycle and is not needed for it: memory in the bucket, reports, pages, watches. */
export interface Beside {
  readonly inheritance: Inheritance;
  readonly runners: readonly { run(signal: AbortSignal): Promise<void> }[];
  readonly sinks: readonly StatusSink[];
  troubles(): readonly Trouble[];
  /** A cycle ended, with this memory where it could be observed. */
  note(memory: Memory | null, hasFailed: boolean): void;
}

/** What the wiring has for those parts. */
export interface BesideNeeds {
  /** As it was found on disk. */
  readonly memory: Memory;
  readonly inputs: (group: string) => Promise<RenderingInputs>;
  readonly onGroup: (group: NonNullable<Memory['group']>, releases: readonly Release[]) => void;
  readonly onResult: () => void;
}

export interface GatewayPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1), for the jitter of the back-off. */
  readonly random: () => number;
  readonly sha256: Sha256;
  readonly machine: Machine;
  readonly source: ConfigSource;
  readonly store: ReleaseStore;
  readonly live: LiveEtc;
  readonly memoryFile: MemoryFile;
  /** The proven release beside the store, for the day on which the memory is lost. */
  readonly provenFile: MemoryFile;
  readonly supervisor: Supervisor;
  readonly probe: EngineProbe;
  readonly tables: EngineTables;
  readonly spool: RequestSpool;
  readonly history: History;
  readonly statusSink: StatusSink;
  readonly notifier: Notifier;
  readonly beside: (needs: BesideNeeds) => Beside;
}

export interface GatewayOptions {
  readonly ports: GatewayPorts;
  readonly settings: Settings;
  /** Read before anything else is begun: an agent that cannot read its disk touches no process. */
  readonly recalled: Recalled;
  /** Made by the root, since its adapters fire it, too. */
  readonly triggers: Triggers;
  readonly engine: EngineIdentity;
  readonly dataDir: string;
  /** The group where nothing else says which. */
  readonly defaultGroup: string;
  readonly agent: { readonly version: string; readonly pid: number; readonly startedAt: number };
  readonly isOnce: boolean;
}
