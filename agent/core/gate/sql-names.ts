/** The words that SQL keeps for itself in PrestoSQL and Trino: as names they must be quoted. */
const RESERVED = new Set(
  `alter and as between by case cast constraint create cross cube current_catalog current_date current_path
  current_role current_schema current_time current_timestamp current_user deallocate delete describe distinct drop
  else end escape except execute exists extract false for from full group grouping having in inner insert intersect
  into is join left like localtime localtimestamp natural normalize not null on or order outer prepare recursive
  right rollup select table then true uescape union unnest using values when where with`.split(/\s+/),
);

const PLAIN = /^[a-z_][a-z0-9_]*$/;

/** As the connector shows a name in SQL: what is no ASCII letter, digit or `_` becomes `_`, capitals go. */
export function foldName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_').toLowerCase();
}

/** A name in lower case that stands in SQL only between double quotes. */
export function needsQuotes(name: string): boolean {
  return !PLAIN.test(name) || RESERVED.has(name);
}
