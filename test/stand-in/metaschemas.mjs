import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The metaschemas as they lie in the directory that the started copy links to, read by path again and again. */
export function createMetaschemas({ dir, log, lagMs = 0 }) {
  let used = null;
  let noticed = { key: '', at: 0 };
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
  /** The metaschemas that the tables are made of: those of a moment ago, for as long as it was told to lag behind. */
  const follow = () => {
    const files = list();
    const key = files.map(({ name, sha256 }) => `${name} ${sha256}`).join();
    if (noticed.key !== key) noticed = { key, at: Date.now() };
    if (used === null || Date.now() - noticed.at >= lagMs) used = files;
    return used;
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
    /**
     * Names of all tables that the metaschemas make in a database with these attributes: a metaschema of which one
     * membership attribute is not there makes none. null: the database has whatever they name.
     */
    tables(attributes) {
      const made = follow()
        .map(({ name, text }) => findTables(name, text, log))
        .filter(
          (tables) =>
            attributes === null || tables.every(({ membership }) => attributes.includes(membership)),
        );
      return [...new Set(made.flat().map(({ name }) => name))].sort();
    },
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
      return {
        membership: attribute,
        name: String(name ?? attribute.replace(/^:|\/.*$/g, ''))
          .replace(/[^A-Za-z0-9_]/g, '_')
          .toLowerCase(),
      };
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
