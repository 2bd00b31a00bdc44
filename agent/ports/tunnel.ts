/** The outside of a tunnel, on an operator's machine. */
import type { TunnelFailure } from '../core/tunnel/failure.ts';
import type { Gateway } from '../core/tunnel/target.ts';

/** Finds the gateway of one system. Every call asks anew, ends by its own deadline, rejects with what a person is told. */
export interface GatewayFinder {
  /** The running gateway; null when EC2 shows none. */
  find(signal: AbortSignal): Promise<Gateway | null>;
}

/** The files that ssh is pointed at. */
export interface AccessFiles {
  readonly keyFile: string;
  readonly hostKeyFile: string;
}

/** The access key and the known_hosts line of one system, from the bucket to where the original CLI keeps them. */
export interface AccessKeys {
  /**
   * Fetches both and replaces the files, 0600, each whole at any moment. Rejects with what a person is told;
   * `unusable` when an object is there and is no key.
   */
  refresh(signal: AbortSignal): Promise<AccessFiles | { readonly unusable: string }>;
  /** Where an earlier refresh put them. */
  readonly files: AccessFiles;
}

/** One ssh that was started. */
export interface SshRun {
  /** Resolves with true when the forwarding stands, with false when ssh ends before. Never rejects. */
  readonly up: Promise<boolean>;
  /** Resolves when ssh is gone. Never rejects. */
  readonly ended: Promise<TunnelFailure>;
  /** The last that it printed. */
  said(): string;
  /** Ends ssh and all that it started; resolves when they are gone. */
  stop(): Promise<void>;
}

/** Starts the system's ssh. It ends with this program, however that ends. */
export interface Ssh {
  /** Never rejects: what cannot be started has ended. */
  start(args: readonly string[]): SshRun;
}

/** Why a port of loopback cannot be listened on; what is not known of its owner is null. */
export type PortProblem =
  | { readonly kind: 'taken'; readonly pid: number | null; readonly name: string | null }
  | { readonly kind: 'denied' };

export interface LocalPorts {
  /** Null when the port is free for this user. */
  findProblem(port: number): Promise<PortProblem | null>;
}

/** What the test through a tunnel found. */
export type CheckResult =
  /** An HTTP answer came back. */
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  /** The gateway could not connect to what is behind it, and said so. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nothing came back: the tunnel itself is dead. */
  | { readonly kind: 'silent' };

/** The documented test through the tunnel. */
export interface TunnelCheck {
  /** Ends within `timeoutMs`. Never rejects. */
  run(timeoutMs: number, signal: AbortSignal): Promise<CheckResult>;
}
