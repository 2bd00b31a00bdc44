/** A key pair of ssh. The private half is text that ssh reads with `-i`; it is never logged. */
export interface KeyPair {
  readonly privateKey: string;
  /** Type and key, without comment. */
  readonly publicKey: string;
}

/** Makes key pairs. Rejects with KEYGEN_FAILED when the system has no ssh-keygen, or it fails. */
export interface KeyMaker {
  make(): Promise<KeyPair>;
  /** The public half of a private key of any kind that ssh reads; null for what is none, or wants a passphrase. */
  derive(privateKey: string): Promise<string | null>;
}
