import type { CodeEntry } from './entry.ts';

/** What only a Datomic schema tells: of the schema file itself, and of a metaschema held against it. */
export const SCHEMA_CODES = {
  SCHEMA_BAD_CARDINALITY: {
    severity: 'error',
    meaning: 'in a schema: a `:db/cardinality` that Datomic does not know',
    example: '{:db/ident :order/id :db/cardinality :db.cardinality/single}',
    remedy: 'write `:db.cardinality/one` or `:db.cardinality/many`',
  },
  SCHEMA_BAD_TYPE: {
    severity: 'error',
    meaning: 'in a schema: a `:db/valueType` that Datomic does not know',
    example: '{:db/ident :order/id :db/valueType :db.type/int}',
    remedy: 'write a type such as `:db.type/long`; the message names the nearest one',
  },
  SCHEMA_COLUMN_COLLISION: {
    severity: 'error',
    meaning: 'two attributes of this schema make columns with one name in a table',
    example: '{:tables {:order/id {:include [:customer/id]}}}',
    remedy: 'give one of them another name with `:rename`, or `:exclude` it',
  },
  SCHEMA_INCOMPLETE_ATTRIBUTE: {
    severity: 'warning',
    meaning: 'in a schema: an attribute without name, type or cardinality; what is missing is not checked',
    example: '{:db/ident :order/id :db/valueType :db.type/long}',
    remedy: 'complete it, or give `--schema` the file that defines the attribute, too: in one directory',
  },
  SCHEMA_MISSING_MEMBERSHIP: {
    severity: 'error',
    meaning: 'a membership attribute that the schema lacks: none of the tables of the metaschema appears',
    example: '{:tables {:artits/gid {} :label/gid {}}}',
    remedy: 'correct the attribute, add it to the database, or move its table to a metaschema of its own',
  },
  SCHEMA_NOT_A_BIGDEC: {
    severity: 'error',
    meaning: '`:scale` for an attribute of another type than `:db.type/bigdec`',
    example: '{:tables {:order/id {:scale {:order/number 2}}}}',
    remedy: 'remove it: only decimals have a scale',
  },
  SCHEMA_NOT_A_REF: {
    severity: 'error',
    meaning: '`:joins` over an attribute of another type than `:db.type/ref`',
    example: '{:tables {:order/id {}} :joins {:order/number "order"}}',
    remedy: 'remove it: only references lead to another table',
  },
  SCHEMA_NOT_MANY: {
    severity: 'error',
    meaning: '`:rename-many-table` for an attribute of cardinality one, which has no table of its own',
    example: '{:tables {:order/id {:rename-many-table {:order/number "numbers"}}}}',
    remedy: 'remove it, or rename the column with `:rename`',
  },
  SCHEMA_NO_ATTRIBUTES: {
    severity: 'error',
    meaning: 'in a schema: no attribute at all',
    example: '{:tables {:order/id {}}}',
    remedy: 'name a file with Datomic transactions, such as `[{:db/ident :order/id :db/valueType …}]`',
  },
  SCHEMA_NO_MATCH: {
    severity: 'warning',
    meaning: 'a metaschema that was probably written for another schema than those that were given',
    example: 'gatewayctl validate config --schema billing.edn',
    remedy: 'give its schema, too: `--schema` can be repeated',
  },
  SCHEMA_TABLE_COLLISION: {
    severity: 'error',
    meaning:
      'two tables have one name in a database with this schema: of a cardinality-many attribute, or of two metaschemas that match together',
    example: 'datomic/shop.edn and datomic/shop-2.edn, both with {:tables {:order/id {}}}',
    remedy: 'give one of them another name; which one analysts would see is not documented',
  },
  SCHEMA_TOO_MANY_FINDINGS: {
    severity: 'error',
    meaning: 'there are more than 200 findings in one file, with a schema',
    example: 'gatewayctl validate config --schema other.edn',
    remedy: 'correct the first ones, or give another schema',
  },
  SCHEMA_TYPE_CONFLICT: {
    severity: 'error',
    meaning: 'in a schema: an attribute is given a second type, which Datomic refuses',
    example:
      '[{:db/ident :order/id :db/valueType :db.type/long} {:db/ident :order/id :db/valueType :db.type/uuid}]',
    remedy: 'keep one of the two; or these are two schemas, and want two `--schema`',
  },
  SCHEMA_UNKNOWN_ATTRIBUTE: {
    severity: 'error',
    meaning: 'an option or a join names an attribute that a matching schema lacks',
    example: '{:tables {:order/id {:include [:audit/craeted-at]}}}',
    remedy: 'correct it; the message names the nearest attribute',
  },
  SCHEMA_UNKNOWN_JOIN_TARGET: {
    severity: 'error',
    meaning: 'a join to the table of a cardinality-many attribute that this schema does not have',
    example: '{:tables {:order/id {}} :joins {:order/buyer "order_x_buyers"}}',
    remedy: 'name a table that `gatewayctl explain` shows',
  },
} as const satisfies Readonly<Record<`SCHEMA_${string}`, CodeEntry>>;
