/** Where a tunnel leads, as far as anybody decides about it. */

/** `client`: SOCKS into the VPC. `analytics`: the port of the analytics process. */
export type TunnelKind = 'client' | 'analytics';

/** `public` is what the original CLI used; `ssm` needs no open port. */
export type Transport = 'public' | 'private' | 'ssm';

/** The running gateway, as EC2 shows it. */
export interface Gateway {
  readonly instance: string;
  readonly publicAddress: string | null;
  readonly privateAddress: string | null;
}

/** What ssh is pointed at by a transport; null where the gateway has no such address. */
export function hostOf(gateway: Gateway, transport: Transport): string | null {
  switch (transport) {
    case 'public':
      return gateway.publicAddress;
    case 'private':
      return gateway.privateAddress;
    case 'ssm':
      return gateway.instance;
  }
}
