/** What lies where in a system's bucket. The access keys and the etc directories are the original CLI's places. */

/** The etc directory of a group; what is synced lies below it. */
export const etcPrefix = (system: string, group: string): string =>
  `${system}/datomic/analytics/${group}/etc/`;

/** Copies of the status document, one for each instance. */
export const statusPrefix = (system: string): string => `${system}/datomic/gateway/status/`;

/** Baselines by group: outside `analytics/`, so that neither listing nor `sync --delete` sees them. */
export const baselinePrefix = (system: string): string => `${system}/datomic/gateway/baseline/`;

/** The private half of the access key, for people. */
export const privateKeyOf = (system: string): string => `${system}/datomic/access/private-keys/bastion`;

/** The known_hosts line of the gateway; public in spite of its place. */
export const hostKeyOf = (system: string): string => `${system}/datomic/access/private-keys/bastion.hostkey`;

/** The public half, in the format of authorized_keys; the gateway installs every line of it. */
export const publicKeyOf = (system: string): string => `${system}/datomic/access/public-keys/bastion.pub`;
