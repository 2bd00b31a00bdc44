/** What root's helper for client access uses of the outside. All methods reject with `AgentError` only. */
import type { PublishedHostKey } from '../core/access/host-key.ts';

/** The rules that hold for ec2-user whatever sshd permits. */
export interface PacketFilter {
  /** Puts exactly the rules of the file in force, in one step. Rejects with ACCESS_FAILED; then they may not be. */
  load(): Promise<void>;
}

/** Files in one directory that only root writes to, by name; whole always. Rejects with ACCESS_FAILED. */
export interface RootFiles {
  /** null when there is none, or something else than an ordinary file of sensible size. */
  read(name: string): Promise<string | null>;
  /** Replaces it durably, for everybody to read, unless it says just that already. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** The system's sshd. Rejects with ACCESS_FAILED when its programs cannot be run. */
export interface Sshd {
  /** Asks sshd itself what a file to be included for ec2-user would permit. */
  judge(permitOpen: string): Promise<
    | { readonly isValid: true; readonly targets: readonly string[] }
    /** What sshd said. */
    | { readonly isValid: false; readonly why: string }
  >;
  /** Tests the whole configuration as it lies there: null when it is fine, else what sshd said. */
  test(): Promise<string | null>;
  /** Has it read its configuration again; connections stay. Does nothing where it does not run. */
  reload(): Promise<void>;
}

export type ObjectRead<T> =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'found'; readonly tag: string; readonly value: T };

/**
 * The keys in the bucket. Every call ends by its own deadline. Rejects with AWS_UNREACHABLE, AWS_THROTTLED,
 * AWS_DENIED or SOURCE_TORN. The private half of the access key is never read.
 */
export interface AccessObjects {
  /** The public halves of the access key, unless their tag is still `knownTag`. */
  readClientKeys(knownTag: string | null): Promise<ObjectRead<string>>;
  readHostKey(): Promise<ObjectRead<PublishedHostKey>>;
  /**
   * Replaces exactly the version `tag`, makes the first one where `tag` is null, or whatever lies there where it is
   * undefined. False when another one lies there.
   */
  putHostKey(key: PublishedHostKey, tag: string | null | undefined): Promise<boolean>;
}

/** This instance, as EC2 tells it. */
export interface InstanceKeys {
  /** The key pair that it was launched with; `unknown` where metadata does not answer. */
  read(): Promise<
    | { readonly kind: 'found'; readonly text: string }
    | { readonly kind: 'none' }
    | { readonly kind: 'unknown' }
  >;
}
