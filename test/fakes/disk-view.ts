import type { Answer } from '../../agent/core/answer.ts';
import type { Memory } from '../../agent/core/memory.ts';
import type { Intent, Release } from '../../agent/core/release.ts';
import type { Status } from '../../agent/core/status.ts';
import type { Digest } from '../../agent/core/types.ts';
import type {
  History,
  LiveEtc,
  MemoryFile,
  ReleaseStore,
  RequestSpool,
  StatusSink,
} from '../../agent/ports.ts';
import type { FaultPort, Life } from './fault-port.ts';

/** What of the disk one life of the agent has. */
export interface DiskPorts {
  readonly store: ReleaseStore;
  readonly live: LiveEtc;
  readonly memoryFile: MemoryFile;
  readonly provenFile: MemoryFile;
  readonly spool: RequestSpool;
  readonly history: History;
  readonly statusSink: StatusSink;
}

/** What a life needs to open the disk. */
export interface DiskOpening {
  readonly faults: FaultPort;
  readonly life: Life;
  readonly onWatch: (onEvent: () => void) => void;
  readonly now: () => number;
}

/** The disk of a gateway as the world around the agent sees it: in memory, or real files. */
export interface WorldDisk {
  /** The ports of one life. */
  open(opening: DiskOpening): DiskPorts;
  intent(): Intent | null;
  release(digest: Digest): Promise<Release | null>;
  /** Managed files of the live etc: path to text. */
  live(): ReadonlyMap<string, string>;
  memory(): Memory | null;
  status(): Status | null;
  answers(): ReadonlyMap<string, Answer>;
  /** Ids of what lies in the spool. */
  requests(): readonly string[];
  dropRequest(id: string, text: string, at: number): void;
  /** A person's hand; null removes. */
  editLive(path: string, text: string | null): void;
  loseMemory(): void;
  /** An empty disk. */
  wipe(): void;
  /** Called after each change of the live etc by an agent. */
  watchLive(onLive: () => void): void;
}
