/** What lies where for client access. The files below `systemd/` name the same paths; a test compares. */
export const ACCESS_LAYOUT = {
  /** Kept over boots: the last good of everything. Root's. */
  stateDir: '/var/lib/datomic-access',
  /** Gone with a boot: keys that count only while the packet filter is loaded, and the report. Root's. */
  runDir: '/run/datomic-access',
  hostKeyFile: '/etc/ssh/ssh_host_ed25519_key.pub',
  rulesFile: '/opt/datomic/gateway/client-access.nft',
} as const;

/** The user of the original CLI. */
export const CLIENT_USER = 'ec2-user';

export const ACCESS_FILES = {
  /** Included by sshd's configuration for ec2-user. */
  permitOpen: 'permit-open.conf',
  /** The last good access keys, in the state directory; and those that sshd reads, in the run directory. */
  clientKeys: 'client_keys',
  /** The EC2 key pair, for gateway-admin. */
  adminKeys: 'admin_keys',
  /** What was last read and put. */
  memory: 'memory.json',
  /** There while sshd runs with another configuration than the files say. */
  reloadWanted: 'reload-wanted',
  /** What the agent shows as a condition. */
  report: 'status.json',
} as const;
