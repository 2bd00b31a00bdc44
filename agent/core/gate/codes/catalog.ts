import type { CodeEntry } from './entry.ts';

/** A catalog cannot be read, or says what the engine or the connector would not take, or would misread. */
export const CATALOG_CODES = {
  PROPERTIES_BAD_ESCAPE: {
    severity: 'error',
    meaning: '`\\u` without four hexadecimal digits: Java refuses the whole file',
    example: 'connection-url=C:\\users',
    remedy: 'write `\\\\` for a backslash',
  },
  PROPERTIES_BYTE_ORDER_MARK: {
    severity: 'error',
    meaning: 'the file begins with a byte order mark, which Java takes for a part of the first key',
    example: '\ufeffconnector.name=datomic',
    remedy: 'save it without BOM',
  },
  PROPERTIES_DUPLICATE_KEY: {
    severity: 'error',
    meaning: 'a key stands there twice; the last one would count, without a word',
    example: 'connector.name=datomic\nconnector.name=datomic',
    remedy: 'remove one of the two',
  },
  PROPERTIES_NOT_LATIN1: {
    severity: 'warning',
    meaning: 'a key or value has characters in UTF-8; Java reads the file as ISO-8859-1 and sees others',
    example: 'connection-user=ren\u00e9',
    remedy: 'write them as `\\uXXXX`',
  },
  PROPERTIES_NUL: {
    severity: 'error',
    meaning: 'a NUL character: most often the file is UTF-16',
    example: 'c\0o\0n\0',
    remedy: 'save the file as ISO-8859-1 or ASCII',
  },
  PROPERTIES_TOO_LARGE: {
    severity: 'error',
    meaning: 'a catalog of more than 128 KiB',
    example: 'catalog/dump.properties',
    remedy: 'look what was put there',
  },
  CATALOG_ALL_DATABASES: {
    severity: 'warning',
    meaning: 'no `datomic.databases`: every database is visible, and JDBC metadata is off',
    example: 'connector.name=datomic',
    remedy: 'list them: `datomic.databases=[shop]`',
  },
  CATALOG_CLIENT_CONFIG_NOT_A_MAP: {
    severity: 'error',
    meaning: '`datomic.client.config` is no EDN map with keywords as keys',
    example: 'datomic.client.config=:cloud',
    remedy: 'write `{:server-type :cloud …}`; the message never shows the value',
  },
  CATALOG_CONNECTOR_NOT_ALLOWED: {
    severity: 'error',
    meaning: 'a catalog uses a connector that `gate.connectors` does not name',
    example: 'connector.name=postgresql',
    remedy: 'allow it in that setting, or use one that is allowed',
  },
  CATALOG_DATABASES_NOT_A_LIST: {
    severity: 'error',
    meaning: '`datomic.databases` is no EDN vector of names',
    example: 'datomic.databases=shop',
    remedy: 'write `datomic.databases=[shop billing]`',
  },
  CATALOG_DATABASE_COLLISION: {
    severity: 'error',
    meaning: 'two listed databases have the same name in SQL',
    example: 'datomic.databases=[my-shop my_shop]',
    remedy: 'list one of them here, and the other one in a catalog of its own',
  },
  CATALOG_DATABASE_TWICE: {
    severity: 'warning',
    meaning: 'a database is listed twice',
    example: 'datomic.databases=[shop shop]',
    remedy: 'remove one of the two',
  },
  CATALOG_ENDPOINT_UNKNOWN: {
    severity: 'error',
    meaning: 'a catalog names no client endpoint, and region or system to make one are not known',
    example: 'connector.name=datomic',
    remedy: 'set `region` and `system`, or write `datomic.client.config` into the catalog',
  },
  CATALOG_MISSPELT_PROPERTY: {
    severity: 'error',
    meaning: 'a property of a Datomic catalog is one or two letters away from a known one',
    example: 'datomic.database=[shop]',
    remedy: 'correct it',
  },
  CATALOG_MULTI_LINE: {
    severity: 'error',
    meaning: 'a value that must stand on one line goes on in the next',
    example: 'datomic.client.config={:server-type :cloud\n  :region "eu-west-1"}',
    remedy: 'write it on one line',
  },
  CATALOG_NAME_NEEDS_QUOTES: {
    severity: 'warning',
    meaning: 'the name of the catalog, or of a listed database, must be quoted in SQL',
    example: 'catalog/my-shop.properties',
    remedy: 'use letters, digits and `_`, beginning with a letter, and no word of SQL',
  },
  CATALOG_NAME_NOT_LOWER_CASE: {
    severity: 'error',
    meaning: 'the name of a catalog file has capitals: the engine does not start',
    example: 'catalog/Shop.properties',
    remedy: 'rename the file',
  },
  CATALOG_NAME_RESERVED: {
    severity: 'error',
    meaning: 'the engine has a catalog of that name itself, and does not start with a second one',
    example: 'catalog/system.properties',
    remedy: 'rename the file',
  },
  CATALOG_NOT_KEY_VALUE: {
    severity: 'error',
    meaning: 'a line that was surely meant as `key=value` and is not',
    example: 'datomic.databases[shop]',
    remedy: 'put the `=` between key and value, or a `#` before a comment',
  },
  CATALOG_NO_CONNECTOR: {
    severity: 'error',
    meaning: 'a catalog has no `connector.name`: the engine does not start',
    example: 'datomic.databases=[shop]',
    remedy: 'add `connector.name=datomic`',
  },
  CATALOG_NO_DATABASES: {
    severity: 'warning',
    meaning: '`datomic.databases` lists none; what the connector makes of that is not documented',
    example: 'datomic.databases=[]',
    remedy: 'list one, or remove the catalog',
  },
  CATALOG_TOO_MANY_FINDINGS: {
    severity: 'error',
    meaning: 'there are more than 200 findings in one catalog',
    example: 'a\nb\nc\n…',
    remedy: 'correct the first ones',
  },
  CATALOG_UNKNOWN_PROPERTY: {
    severity: 'warning',
    meaning: 'a property that the documentation of the Datomic connector does not know',
    example: 'datomic.timeout=1000',
    remedy: 'remove it, unless you know that it does something',
  },
} as const satisfies Readonly<Record<`${'PROPERTIES' | 'CATALOG'}_${string}`, CodeEntry>>;
