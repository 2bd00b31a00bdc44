import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The metaschemas as they lie in the directory that the started copy links to, read by path again and again. */
export function createMetaschemas({ dir, log }) {
  let seen = '';
  let signed = null;
  const list = () => {
    let names;
    try {
      names = readdirSync(dir);
    } catch {
      return [];
    }
    return names
      .filter((name) => name.endsWith('.edn'))
      .sort()
      .flatMap((name) => {
        try {
          const bytes = readFileSync(path.join(dir, name));
          return [{ name, sha256: createHash('sha256').update(bytes).digest('hex'), text: bytes.toString() }];
        } catch {
          // Deleted since it was listed.
          return [];
        }
      });
  };
  /** Sizes and times only, so that an idle stand-in costs next to nothing. */
  const sign = () => {
    try {
      return readdirSync(dir)
        .map((name) => {
          const { ino, mtimeMs, size } = statSync(path.join(dir, name));
          return `${name} ${ino} ${mtimeMs} ${size}`;
        })
        .join();
    } catch {
      // Not there, or changing right now.
      return null;
    }
  };
  const look = () => {
    const signature = sign();
    if (signature !== null && signature === signed) return;
    signed = signature;
    const now = list()
      .map(({ name, sha256 }) => `${name} ${sha256.slice(0, 8)}`)
      .join(', ');
    if (now !== seen)
      log.info('Metaschemas', `stand-in engine reads metaschemas: ${now === '' ? 'none' : now}`);
    seen = now;
  };
  return {
    list: () => list().map(({ name, sha256 }) => ({ name, sha256 })),
    /** Names of all tables that the metaschemas make, without looking whether a database has the attributes. */
    tables: () => [...new Set(list().flatMap(({ name, text }) => findTables(name, text, log)))].sort(),
    watch(everyMs) {
      look();
      setInterval(look, everyMs).unref();
    },
  };
}

function findTables(file, text, log) {
  try {
    const tables = read(text).get(':tables') ?? new Map();
    return [...tables].map(([attribute, options]) => {
      const name = options instanceof Map ? options.get(':name') : undefined;
      return String(name ?? attribute.replace(/^:|\/.*$/g, ''))
        .replace(/[^A-Za-z0-9_]/g, '_')
        .toLowerCase();
    });
  } catch (error) {
    // The real connector keeps silent and drops the metaschema, too.
    log.warn('Metaschemas', `stand-in engine drops ${file}: ${error.message}`);
    return [];
  }
}

/** As much of an EDN reader as table names need: maps, vectors, sets, lists, strings and bare words. */
function read(text) {
  const tokens = text.match(/"(?:\\.|[^"\\])*"|;[^\n]*|#?[{([]|[})\]]|[^\s,{}()[\]";]+/g) ?? [];
  const rest = tokens.filter((token) => !token.startsWith(';'));
  const next = () => {
    const token = rest.shift();
    if (token === undefined) throw new Error('schemaName is null (it ends too early)');
    if (token.startsWith('"')) return token.slice(1, -1);
    if (!/^#?[{([]$/.test(token)) return token;
    const items = [];
    while (!['}', ')', ']'].includes(rest[0])) items.push(next());
    rest.shift();
    return token === '{'
      ? new Map(items.flatMap((key, i) => (i % 2 === 0 ? [[key, items[i + 1]]] : [])))
      : items;
  };
  const value = next();
  if (rest.length > 0 || !(value instanceof Map)) throw new Error('schemaName is null (it is not one map)');
  return value;
}
