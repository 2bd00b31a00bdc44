import { readEdn } from './edn/read.ts';
import { readEntries } from './properties/entries.ts';
import { escapePropertyValue } from './properties-text.ts';
import type { RenderingInputs } from './release.ts';

/** What a rendered catalog needs; `reason` names the setting that is missing. */
export type RenderedCatalog =
  | { readonly kind: 'as-is' }
  | { readonly kind: 'with-endpoint'; readonly bytes: Uint8Array; readonly usesRegion: boolean }
  | { readonly kind: 'unknown'; readonly reason: string };

const CLIENT_CONFIG = 'datomic.client.config';
const COMMENT = '# Added by the Datomic access gateway: the endpoint of the compute group in force.';
/** Server types that are reached through the entry host of a compute group. */
const CLOUD = new Set([':cloud', ':ion']);

/**
 * The client endpoint for a Datomic catalog that names none; every other catalog is left byte for byte. The line
 * is appended: the last of two equal keys wins, and the author's own text stays as it was. Reads only catalogs
 * that passed the gate.
 */
export function renderCatalog(bytes: Uint8Array, inputs: RenderingInputs): RenderedCatalog {
  const entries = readEntries(bytes);
  if (entries.get('connector.name')?.trim() !== 'datomic') return { kind: 'as-is' };
  const written = entries.get(CLIENT_CONFIG);
  const needsAll = written === undefined;
  if (!needsAll && !lacksEndpoint(written)) return { kind: 'as-is' };

  const problem = findMissing(inputs, needsAll);
  if (problem !== null) return { kind: 'unknown', reason: problem };
  const endpoint = ednText(endpointOf(inputs));
  const config = needsAll
    ? `{:server-type :cloud :region ${ednText(inputs.region ?? '')} :system ${ednText(inputs.system ?? '')} :endpoint ${endpoint}}`
    : insertLast(written, `:endpoint ${endpoint}`);
  return { kind: 'with-endpoint', bytes: append(bytes, config), usesRegion: usesRegion(inputs, needsAll) };
}

function findMissing(inputs: RenderingInputs, needsAll: boolean): string | null {
  const { region, system, clientEndpoint } = inputs;
  if (region === null && usesRegion(inputs, needsAll)) {
    return 'a Datomic catalog names no client endpoint, and the region is not known (yet)';
  }
  if (system === null && (needsAll || clientEndpoint.includes('{system}'))) {
    return 'a Datomic catalog names no client endpoint, and `system` is not set';
  }
  return null;
}

function usesRegion(inputs: RenderingInputs, needsAll: boolean): boolean {
  return needsAll || inputs.clientEndpoint.includes('{region}');
}

function endpointOf(inputs: RenderingInputs): string {
  const values: Readonly<Record<string, string | null>> = {
    group: inputs.group,
    region: inputs.region,
    system: inputs.system,
  };
  return inputs.clientEndpoint.replace(/\{(group|region|system)\}/g, (_, name: string) => values[name] ?? '');
}

function lacksEndpoint(config: string): boolean {
  const { form, faults } = readEdn(config, { unknownTags: 'keep', isSecret: true });
  if (faults.length > 0 || form?.kind !== 'map') return false;
  const findValue = (key: string) =>
    form.entries.find((entry) => entry.key.kind === 'keyword' && entry.key.text === key)?.value;
  const type = findValue(':server-type');
  const isCloud = type === undefined || (type.kind === 'keyword' && CLOUD.has(type.text));
  return isCloud && findValue(':endpoint') === undefined;
}

/** Adds an entry to an EDN map in its own text, before the brace that closes it. */
function insertLast(config: string, entry: string): string {
  const { form } = readEdn(config, { unknownTags: 'keep', isSecret: true });
  const end = form === null ? config.length : form.end;
  return `${config.slice(0, end - 1)} ${entry}${config.slice(end - 1)}`;
}

/**
 * The line at the end of the file. Two line ends before it: one ends the author's last line, the other a
 * continuation that a backslash at its end may have begun.
 */
function append(bytes: Uint8Array, config: string): Uint8Array {
  const added = new TextEncoder().encode(`\n\n${COMMENT}\n${CLIENT_CONFIG}=${escapePropertyValue(config)}\n`);
  const whole = new Uint8Array(bytes.length + added.length);
  whole.set(bytes);
  whole.set(added, bytes.length);
  return whole;
}

function ednText(text: string): string {
  return `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}
