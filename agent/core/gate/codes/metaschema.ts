import type { CodeEntry } from './entry.ts';

/** A metaschema is EDN, and says what Datomic would drop, ignore or misread without a word. */
export const METASCHEMA_CODES = {
  METASCHEMA_BAD_SCALE: {
    severity: 'error',
    meaning: 'a `:scale` that a SQL decimal cannot have',
    example: '{:tables {:order/id {:scale {:order/total 40}}}}',
    remedy: 'write an integer from 0 to 38',
  },
  METASCHEMA_BAD_SQL_NAME: {
    severity: 'error',
    meaning: 'a SQL name with other characters than letters, digits and `_`',
    example: '{:tables {:order/id {:name "web-order"}}}',
    remedy: 'write `_` instead',
  },
  METASCHEMA_COLUMN_COLLISION: {
    severity: 'error',
    meaning: 'a `:rename` gives a column the name of another one',
    example: '{:tables {:order/id {:rename {:order/a "x" :order/b "X"}}}}',
    remedy: 'give one of them another name; capitals make no difference',
  },
  METASCHEMA_EMPTY: {
    severity: 'warning',
    meaning: '`:tables` is empty: the metaschema makes no table',
    example: '{:tables {}}',
    remedy: 'name a membership attribute, or remove the file',
  },
  METASCHEMA_INVISIBLE_CHARACTER: {
    severity: 'error',
    meaning: 'a name has a control or format character that nobody sees',
    example: '{:tables {:order/\u202eid {}}}',
    remedy: 'type the name anew',
  },
  METASCHEMA_MISPLACED_WILDCARD: {
    severity: 'error',
    meaning: '`:namespace/*` stands elsewhere than in `:include`',
    example: '{:tables {:order/id {:exclude [:order/*]}}}',
    remedy: 'name the attributes one by one',
  },
  METASCHEMA_NOT_AN_ATTRIBUTE: {
    severity: 'error',
    meaning: 'something else stands where an attribute must',
    example: '{:tables {order/id {}}}',
    remedy: 'an attribute is a keyword such as `:order/id`',
  },
  METASCHEMA_NOT_A_MAP: {
    severity: 'error',
    meaning: 'the one form of the file is no map',
    example: '[:tables {}]',
    remedy: 'write `{:tables {…} :joins {…}}`',
  },
  METASCHEMA_NO_TABLES: {
    severity: 'error',
    meaning: 'there is no `:tables`',
    example: '{:joins {}}',
    remedy: 'write `{:tables {…} :joins {…}}`',
  },
  METASCHEMA_TABLE_COLLISION: {
    severity: 'error',
    meaning:
      'two tables have one name in SQL: of two attributes of one namespace, by names that differ in `-` and `_` or in capitals, or one that is in every database',
    example: '{:tables {:order/id {} :order/number {}}}',
    remedy: 'give one of them another `:name`',
  },
  METASCHEMA_TOO_MANY_FINDINGS: {
    severity: 'error',
    meaning: 'there are more than 200 findings in one metaschema',
    example: '{:tables {:a {} :b {} …}}',
    remedy: 'correct the first ones',
  },
  METASCHEMA_UNKNOWN_JOIN_TARGET: {
    severity: 'error',
    meaning: 'a join to a table that no entry makes',
    example: '{:tables {:order/id {}} :joins {:order/buyer "customer"}}',
    remedy: 'name a table of this metaschema',
  },
  METASCHEMA_UNKNOWN_KEY: {
    severity: 'error',
    meaning: 'a key that a metaschema does not have',
    example: '{:table {:order/id {}}}',
    remedy: 'there are `:tables` and `:joins`',
  },
  METASCHEMA_UNKNOWN_OPTION: {
    severity: 'error',
    meaning: 'a key that the options of a table do not have; Datomic ignores it without a word',
    example: '{:tables {:order/id {:rename-many {:order/items "items"}}}}',
    remedy: 'there are `:name :include :exclude :rename :rename-many-table :scale`',
  },
  METASCHEMA_UNNAMESPACED_ATTRIBUTE: {
    severity: 'error',
    meaning: 'an attribute without namespace; Datomic ignores it without a word',
    example: '{:tables {:id {}}}',
    remedy: 'write `:namespace/name`',
  },
  METASCHEMA_UNUSED_ATTRIBUTE: {
    severity: 'warning',
    meaning: 'an option names an attribute that is not in the table, so it does nothing',
    example: '{:tables {:order/id {:rename {:oder/total "total"}}}}',
    remedy: 'correct the attribute, or add it to `:include`',
  },
  METASCHEMA_WRONG_TYPE: {
    severity: 'error',
    meaning: 'a value of another type than the grammar wants',
    example: '{:tables {:order/id {:include :audit/created-at}}}',
    remedy: 'the message says what is expected',
  },
} as const satisfies Readonly<Record<`METASCHEMA_${string}`, CodeEntry>>;
