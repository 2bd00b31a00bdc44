const NAME = '"?([\\w-]+)"?';
const SCHEMAS = new RegExp(`^SHOW SCHEMAS FROM ${NAME}$`, 'i');
const TABLES = new RegExp(`^SHOW TABLES FROM ${NAME}\\.${NAME}$`, 'i');
const COLUMNS = new RegExp(`^SHOW COLUMNS FROM ${NAME}\\.${NAME}\\."?db__attrs"?$`, 'i');
const ATTRIBUTES = new RegExp(`^SELECT "ident", .* FROM ${NAME}\\.${NAME}\\."?db__attrs"?$`, 'i');
const FIND_TABLE = new RegExp(`FROM ${NAME}\\.information_schema\\.tables`, 'i');
const SCAN = new RegExp(`FROM ${NAME}\\.${NAME}\\.${NAME}`, 'i');
const SLEEP = /^SELECT stand_in_sleep\((\d+)\)$/i;
const NATIONS = 25;

const fail = (errorName, errorType, message) => ({ error: { errorName, errorType, errorCode: 1, message } });
const rows = (...data) => ({ data, ms: 0 });

/** What a statement answers: `{data, ms}` or `{error}`. */
export function answerStatement(sql, { state, catalogs, metaschemas, instructions, style }) {
  const text = sql.trim().replace(/;$/, '').replace(/\s+/g, ' ');
  if (state.isStarting) {
    const name = style === 'presto' ? 'Presto' : 'Trino';
    return fail('SERVER_STARTING_UP', 'INTERNAL_ERROR', `${name} server is still initializing`);
  }
  const sleep = SLEEP.exec(text);
  if (sleep !== null) return { data: [[true]], ms: Number(sleep[1]) };
  if (/^SELECT 1$/i.test(text)) return rows([1]);
  if (/^SHOW CATALOGS$/i.test(text)) return rows(...catalogs.map(({ name }) => [name]), ['system']);
  if (/^SELECT .* FROM system\.metadata\.catalogs$/i.test(text)) {
    const columns = (name, connector) => (style === 'presto' ? [name, name] : [name, name, connector]);
    return rows(
      ...catalogs.map(({ name, connector }) => columns(name, connector)),
      columns('system', 'system'),
    );
  }
  const [, named] =
    COLUMNS.exec(text) ??
    SCHEMAS.exec(text) ??
    TABLES.exec(text) ??
    FIND_TABLE.exec(text) ??
    SCAN.exec(text) ??
    [];
  if (named === undefined)
    return fail('SYNTAX_ERROR', 'USER_ERROR', `the stand-in engine cannot answer: ${text}`);
  const catalog = catalogs.find(({ name }) => name === named);
  if (catalog === undefined)
    return fail('CATALOG_NOT_FOUND', 'USER_ERROR', `Catalog '${named}' does not exist`);
  if (SCHEMAS.test(text)) return rows(['information_schema'], ...schemasOf(catalog).map((name) => [name]));
  if (FIND_TABLE.test(text)) {
    const found = schemasOf(catalog).flatMap((schema) =>
      tablesOf(catalog, schema, metaschemas, instructions).map((table) => [schema, table]),
    );
    return rows(...found.slice(0, /LIMIT 1$/i.test(text) ? 1 : undefined));
  }
  const [, , schema, table] = COLUMNS.exec(text) ?? SCAN.exec(text) ?? TABLES.exec(text);
  if (!schemasOf(catalog).includes(schema)) {
    return fail('SCHEMA_NOT_FOUND', 'USER_ERROR', `Schema '${schema}' does not exist`);
  }
  const told = instructions.attributes[schema];
  if (COLUMNS.test(text)) {
    if (told === undefined)
      return fail('NOT_SUPPORTED', 'USER_ERROR', 'the stand-in engine was told no attributes');
    return rows(...['db__id', 'ident', 'valuetype', 'cardinality'].map((name) => [name]));
  }
  const tables = tablesOf(catalog, schema, metaschemas, instructions);
  if (TABLES.test(text)) return rows(...tables.map((name) => [name]));
  if (!tables.includes(table)) {
    const name = `${named}.${schema}.${table}`;
    return fail('TABLE_NOT_FOUND', 'USER_ERROR', `line 1:15: Table '${name}' does not exist`);
  }
  if (!state.isServing)
    return fail('NO_NODES_AVAILABLE', 'INTERNAL_ERROR', 'No nodes available to run query');
  if (instructions.backendError !== null)
    return fail('GENERIC_INTERNAL_ERROR', 'EXTERNAL', instructions.backendError);
  if (ATTRIBUTES.test(text) && told !== undefined) {
    return rows(...told.map((ident) => [ident, ':db.type/string', ':db.cardinality/one']));
  }
  return /^SELECT count\(/i.test(text) ? rows([NATIONS]) : rows([1, ':db/ident']);
}

function schemasOf({ connector, databases }) {
  if (connector === 'tpch') return ['tiny'];
  return connector === 'datomic' ? databases : ['default'];
}

function tablesOf({ connector }, schema, metaschemas, { attributes }) {
  if (connector === 'tpch') return ['nation'];
  const made = connector === 'datomic' ? metaschemas.tables(attributes[schema] ?? null) : null;
  return made === null ? [] : ['db__attrs', 'db__idents', ...made];
}
