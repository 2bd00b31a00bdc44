const CONNECT_TIMEOUT_MS = 3_000;

export interface AwsClientOptions {
  /** Asked at each call: it can come late, from instance metadata. */
  readonly region: () => Promise<string>;
}

/** For clients of services that are reported to: they never retry, the outbox does, with back-off. */
export function chooseAwsConfig({ region }: AwsClientOptions) {
  return { region, maxAttempts: 1, requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS } };
}
