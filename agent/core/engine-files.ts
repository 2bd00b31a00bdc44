import { memoryRuleOf } from './engine/memory-rule.ts';
import { profileOf } from './engine/profile.ts';
import { renderProperties } from './properties-text.ts';
import type { RenderingInputs } from './release.ts';
import type { SourceFile } from './types.ts';

const COMMENT = 'Written by the Datomic access gateway from its settings and the memory plan.';
const LOOPBACK = '127.0.0.1';

/**
 * The engine's own files: `config.properties`, `jvm.config`, `node.properties`.
 *
 * - The node's properties stand in `config.properties` too: only the launcher reads `node.properties`, and the
 *   engine is started by `java` directly.
 * - No path of the started copy is in here: a release must not depend on where it is copied to. Whoever starts
 *   the engine passes `-Dcatalog.config-dir=STARTED/catalog`; system properties win over the file on every engine.
 * - `catalog.management` is left at its default, static: catalogs come from the release alone.
 * - Nothing here shortens the wait for the first table after `starting: false`: both engines look at their list of
 *   nodes every 5 s, a constant of their `DiscoveryNodeManager`; `failure-detector.*` leaves the own node out, and
 *   `discovery.*`, `service-inventory.*` and `node-scheduler.*` do not reach it. Sooner services, sooner tables.
 */
export function renderEngineFiles(inputs: RenderingInputs): readonly SourceFile[] {
  const node = nodeEntries(inputs);
  const config = [...serverEntries(inputs), ...node, ...queryMemoryEntries(inputs)];
  return [
    file('config.properties', renderProperties(COMMENT, config)),
    // One option per line and nothing else: also a shell or an argument file can read it.
    file('jvm.config', inputs.memoryPlan.jvmFlags.map((flag) => `${flag}\n`).join('')),
    file('node.properties', renderProperties(COMMENT, [...node, ['node.data-dir', inputs.dataDir] as const])),
  ];
}

/** Why the engine would refuse to start with the query memory that was asked for; null when it fits. */
export function findQueryMemoryProblem(inputs: RenderingInputs): string | null {
  const { queryMemoryBytes, memoryPlan, engine } = inputs;
  if (queryMemoryBytes === null || memoryPlan.heapBytes === 0) return null;
  const { mostBytes } = memoryRuleOf(engine, memoryPlan.heapBytes);
  if (queryMemoryBytes <= mostBytes) return null;
  return `analytics.queryMemory is ${inMib(queryMemoryBytes)}; a heap of ${inMib(memoryPlan.heapBytes)} allows at most ${inMib(mostBytes)}`;
}

function serverEntries(inputs: RenderingInputs): readonly (readonly [string, string])[] {
  const { port } = inputs.listen;
  const address = bindAddressOf(inputs.listen.host);
  const host = address.includes(':') ? `[${address}]` : address;
  return [
    ['coordinator', 'true'],
    ['node-scheduler.include-coordinator', 'true'],
    ['http-server.http.port', String(port)],
    // Newer engines run their discovery without being told, and refuse the property one day.
    ...(profileOf(inputs.engine).needsDiscoveryServer ? [['discovery-server.enabled', 'true'] as const] : []),
    ['discovery.uri', `http://${host}:${port}`],
  ];
}

function nodeEntries(inputs: RenderingInputs): readonly (readonly [string, string])[] {
  const environment = environmentOf(inputs.system ?? inputs.group);
  const address = bindAddressOf(inputs.listen.host);
  return [
    ['node.environment', environment],
    // The same on each instance of a system: there is one node, and a replaced instance must start the same.
    ['node.id', `gateway-${environment}`],
    // By default PrestoSQL binds every address.
    ['node.bind-ip', address],
    ['node.internal-address', address],
  ];
}

function queryMemoryEntries(inputs: RenderingInputs): readonly (readonly [string, string])[] {
  if (inputs.queryMemoryBytes === null) return [];
  const value = `${inputs.queryMemoryBytes}B`;
  return [
    ['query.max-memory-per-node', value],
    // Must not be below the one above, whose default it would be.
    ...(profileOf(inputs.engine).hasTotalMemoryPerNode
      ? [['query.max-total-memory-per-node', value] as const]
      : []),
  ];
}

/** Lower-case letters, digits and `_`, beginning with no `_`: all that the engine takes as environment. */
export function environmentOf(name: string): string {
  const folded = name
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .replace(/^_+/, '');
  return folded === '' ? 'gateway' : folded;
}

/** The engine binds an address, not a name; a name in `analytics.url` can only mean this machine. */
function bindAddressOf(host: string): string {
  const bare = host.replace(/^\[|\]$/g, '');
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(bare) || bare.includes(':') ? bare : LOOPBACK;
}

function inMib(bytes: number): string {
  return `${Math.floor(bytes / (1024 * 1024))}MiB`;
}

function file(path: string, content: string): SourceFile {
  return { path, bytes: new TextEncoder().encode(content) };
}
