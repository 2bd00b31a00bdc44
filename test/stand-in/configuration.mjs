import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const CONNECTORS = ['datomic', 'memory', 'system', 'tpch'];
const ENGINE_FILES = ['config.properties', 'jvm.config', 'node.properties', 'started.json'];

/** Reads the started copy, once and whole: what a JVM does at its start. */
export function readConfiguration(startedDir) {
  const names = [
    ...readdirSync(path.join(startedDir, 'catalog')).map((name) => `catalog/${name}`),
    ...ENGINE_FILES.filter((name) => existsSync(path.join(startedDir, name))),
  ].sort();
  const files = names.map((name) => ({ name, bytes: readFileSync(path.join(startedDir, name)) }));
  const config = readProperties(files.find(({ name }) => name === 'config.properties')?.bytes ?? '');
  const port = Number(config.get('http-server.http.port'));
  if (!Number.isInteger(port) || port < 1) throw new Error('http-server.http.port is not set');
  return {
    port,
    digests: Object.fromEntries(
      files.map(({ name, bytes }) => [name, createHash('sha256').update(bytes).digest('hex')]),
    ),
    catalogs: files
      .filter(({ name }) => name.startsWith('catalog/') && name.endsWith('.properties'))
      .map(({ name, bytes }) => readCatalog(path.join(startedDir, name), readProperties(bytes))),
  };
}

function readCatalog(file, properties) {
  const name = path.basename(file, '.properties');
  const connector = properties.get('connector.name') ?? null;
  const databases = properties.get('datomic.databases');
  return {
    name,
    file,
    connector,
    properties,
    databases:
      databases === undefined
        ? ['db']
        : databases
            .replace(/[[\]]/g, ' ')
            .split(/[\s,]+/)
            .filter(Boolean),
    refusal: findRefusal({ name, connector, properties }),
  };
}

function findRefusal({ name, connector, properties }) {
  if (name !== name.toLowerCase()) return `catalogName is not lowercase: ${name}`;
  if (connector === null) return 'Catalog configuration %FILE% does not contain connector.name';
  if (!CONNECTORS.includes(connector)) {
    return `No factory for connector '${connector}'.  Available factories: [${CONNECTORS.join(', ')}]`;
  }
  return properties.get('stand-in.refuse') === 'true' ? 'stand-in.refuse' : null;
}

/** What to do and what not: the script's fields, then those of this start, then `stand-in.*` of any catalog. */
export function readInstructions({ scriptFile, catalogs, startNumber }) {
  const script =
    scriptFile !== undefined && existsSync(scriptFile) ? JSON.parse(readFileSync(scriptFile, 'utf8')) : {};
  const told = { ...script, ...(script.starts?.[startNumber - 1] ?? {}) };
  for (const { properties } of catalogs) {
    for (const [key, value] of properties) {
      if (key.startsWith('stand-in.')) told[toCamelCase(key.slice('stand-in.'.length))] = value;
    }
  }
  const hidden = catalogs.filter(({ properties }) => properties.get('stand-in.hide') === 'true');
  return {
    startMs: toMs(told.startMs) ?? 50,
    serveMs: told.serveMs === 'never' ? null : (toMs(told.serveMs) ?? 50),
    refuse: typeof told.refuse === 'string' ? told.refuse : null,
    hide: [...(Array.isArray(told.hide) ? told.hide : []), ...hidden.map(({ name }) => name)],
    exitAfterMs: toMs(told.exitAfterMs),
    exitCode: toMs(told.exitCode) ?? 1,
    oomAfterMs: toMs(told.oomAfterMs),
    hang: isTrue(told.hang),
    ignoreTerm: isTrue(told.ignoreTerm),
    termMs: toMs(told.termMs) ?? 0,
    queryMs: toMs(told.queryMs),
    backendError: told.backendError ?? null,
    attributes: told.attributes ?? {},
    lagMs: toMs(told.lagMs) ?? 0,
  };
}

const isTrue = (value) => value === true || value === 'true';
const toMs = (value) => (value === undefined || value === null ? null : Number(value));
const toCamelCase = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

/** Java's properties as far as the tests write them: no continuation lines, no escapes. */
function readProperties(bytes) {
  const properties = new Map();
  for (const line of bytes.toString('latin1').split(/\r?\n/)) {
    const text = line.trim();
    if (text === '' || text.startsWith('#') || text.startsWith('!')) continue;
    const [, key, value] = /^(.*?)\s*(?:[=:]\s*|\s|$)(.*)$/.exec(text);
    properties.set(key, value);
  }
  return properties;
}
