/** Where sshd may forward to. Pure; what comes out is put into sshd's configuration, so nothing else may come in. */
import { parseAddress } from '../settings-values.ts';

const LOOPBACK = ['localhost:8989', '127.0.0.1:8989'];
const ENTRY_PORT = 8182;
/** More are no list of groups. */
const MAX_GROUPS = 50;

/** One label of a host name; groups become one. */
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
const IPV6 = /^[0-9a-fA-F:]{2,39}$/;

export interface Targets {
  /** As `PermitOpen` takes them, without repetition. */
  readonly targets: readonly string[];
  /** Groups whose names are no label of a host name. */
  readonly ignored: readonly string[];
}

/** `access.permitOpen` where it is set, else the entry hosts of system and groups, and the analytics process. */
export function chooseTargets(options: {
  readonly permitOpen: readonly string[] | null;
  readonly system: string | null;
  readonly region: string | null;
  readonly groups: readonly string[];
}): Targets {
  const { permitOpen, system, region } = options;
  if (permitOpen !== null) {
    // The settings were checked by the very same function: null is not to be expected.
    const targets = permitOpen.map(readTarget).filter((target) => target !== null);
    return { targets: unique(targets), ignored: [] };
  }
  const names = unique(system === null ? options.groups : [system, ...options.groups]);
  const isUsable = (name: string, index: number) => LABEL.test(name) && index < MAX_GROUPS;
  const groups = names.filter(isUsable);
  const hosts = region === null || !LABEL.test(region) ? [] : groups.map((group) => entry(group, region));
  return { targets: [...hosts, ...LOOPBACK], ignored: names.filter((name, index) => !isUsable(name, index)) };
}

const entry = (group: string, region: string) => `entry.${group}.${region}.datomic.net:${ENTRY_PORT}`;

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)];

/** `HOST:PORT` or `[IPV6]:PORT` as sshd takes it, one word without wildcards; null for anything else. */
export function readTarget(text: string): string | null {
  const address = parseAddress(text);
  if (address === null || address.port === 0) return null;
  const { host, port } = address;
  if (text.startsWith('[')) return IPV6.test(host) && host.includes(':') ? `[${host}]:${port}` : null;
  return HOST.test(host) ? `${host}:${port}` : null;
}

/** The file that sshd includes. */
export function renderPermitOpen(targets: readonly string[]): string {
  const list = targets.length === 0 ? 'none' : targets.join(' ');
  return `# Written by gatewayctl access apply, from access.permitOpen and the groups of the source.\nPermitOpen ${list}\n`;
}

/** The targets of such a file; null for anything else, as a half-written one. */
export function readPermitOpen(text: string): readonly string[] | null {
  const line = /^PermitOpen (\S+(?: \S+)*)\n$/m.exec(text)?.[1];
  if (line === undefined || renderPermitOpen(line.split(' ')) !== text) return null;
  return line === 'none' ? [] : line.split(' ');
}

/** What `sshd -T` says is permitted; null when it does not say. */
export function readEffective(text: string): readonly string[] | null {
  const line = /^permitopen (.+)$/m.exec(text)?.[1];
  if (line === undefined) return null;
  return line === 'none' ? [] : line.split(' ');
}
