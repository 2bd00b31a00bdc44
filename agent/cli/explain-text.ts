import type { SqlColumn, SqlTable } from '../core/gate/tables.ts';
import type { ExplainedMetaschema, Explanation, SchemaMatch } from '../core/schema/explain.ts';
import { findSqlType } from '../core/schema/sql-types.ts';
import { renderScan } from './explain-scan.ts';
import { printable, printCount, wrap } from './print.ts';
import type { Style } from './style.ts';

const ASSUMED = '* not documented: what the engine calls such values';

/** For people: per metaschema what it matches and why not, then its tables, then what a scan costs. */
export function renderExplanation(explanation: Explanation, style: Style): string[] {
  const { metaschemas } = explanation;
  if (metaschemas.length === 0) return ['There is no metaschema that can be understood.'];
  const blocks = metaschemas.flatMap((metaschema) => renderMetaschema(metaschema, style));
  const isAssumed = blocks.some((lines) => lines.some((line) => line.includes(' *')));
  return [...blocks, renderScan(explanation, style), ...(isAssumed ? [[style.faint(ASSUMED)]] : [])]
    .map((lines) => lines.join('\n'))
    .join('\n\n')
    .split('\n');
}

function renderMetaschema(metaschema: ExplainedMetaschema, style: Style): string[][] {
  const { path, schemas } = metaschema;
  const head = [style.strong(printable(path)), ...schemas.flatMap((match) => renderMatch(match, style))];
  const matched = schemas.filter(({ matches }) => matches);
  const groups = new Map<string, SchemaMatch[]>();
  for (const match of matched) {
    const key = JSON.stringify(match.tables);
    groups.set(key, [...(groups.get(key) ?? []), match]);
  }
  return [
    head,
    ...[...groups.values()].flatMap((group) => [
      ...(groups.size > 1 ? [[`with ${group.map((match) => printable(match.path)).join(', ')}`]] : []),
      ...renderTables(group[0]?.tables ?? [], style),
    ]),
  ];
}

function renderMatch({ path, matches, missing, tables }: SchemaMatch, style: Style): string[] {
  const shown = printable(path);
  if (matches) {
    return [
      `  ${style.good('matches')} ${shown}`,
      `  ${printCount(tables.length, 'table')}: ${countKinds(tables)}`,
    ];
  }
  const lacks = missing.map(({ attribute, line, column, nearest }) => {
    const advice = nearest === null ? '' : `  did you mean ${nearest} ?`;
    return `    ${printable(`${attribute} at ${line}:${column}${advice}`)}`;
  });
  return [`  ${style.error('does not match')} ${shown}, which lacks`, ...lacks];
}

const KINDS = [
  ['entity', 'of entities'],
  ['many', 'of cardinality-many attributes'],
  ['automatic', 'automatic'],
] as const;

function countKinds(tables: readonly SqlTable[]): string {
  return KINDS.map(([kind, words]) => ({
    count: tables.filter((table) => table.kind === kind).length,
    words,
  }))
    .filter(({ count }) => count > 0)
    .map(({ count, words }) => `${count} ${words}`)
    .join(', ');
}

function renderTables(tables: readonly SqlTable[], style: Style): string[][] {
  const bases = new Map(
    tables.flatMap((table) => (table.kind === 'entity' ? [[table.membership, table] as const] : [])),
  );
  const made = tables.filter(({ kind }) => kind !== 'automatic');
  const automatic = tables.filter(({ kind }) => kind === 'automatic').map(({ name }) => name);
  return [
    ...made.map((table) => {
      const base = table.kind === 'many' ? (bases.get(table.membership) ?? null) : null;
      return renderTable(table, base, style);
    }),
    [`${style.strong(automatic.join(', '))}  automatic, in every database`],
  ];
}

function renderTable(table: SqlTable, base: SqlTable | null, style: Style): string[] {
  const source = table.attribute ?? table.membership ?? '';
  const rows = base === null ? 'a row per entity with' : 'a row per value of';
  const own = base === null ? table.columns : table.columns.slice(base.columns.length);
  const heading = `${style.strong(table.name)}  ${rows} ${printable(source)}`;
  const columns = base === null ? [] : [`  all columns of ${base.name}, and`];
  return [heading, ...columns, ...renderColumns(own, style)];
}

function renderColumns(columns: readonly SqlColumn[], style: Style): string[] {
  const rows = columns.map((column) => {
    const { name, isAssumed } = findSqlType(column);
    return { name: column.name, type: `${name}${isAssumed ? ' *' : ''}`, source: nameSource(column) };
  });
  const nameWidth = Math.min(30, Math.max(0, ...rows.map(({ name }) => name.length)));
  const typeWidth = Math.max(0, ...rows.map(({ type }) => type.length));
  return rows.flatMap(({ name, type, source }) => {
    const start = `  ${name.padEnd(nameWidth)}  ${type.padEnd(typeWidth)}`;
    const whole = `${start}  ${source}`;
    if (whole.length <= style.width) return [`${start}  ${style.faint(source)}`.trimEnd()];
    return [start.trimEnd(), ...wrap(source, style.width - 6).map((text) => `      ${style.faint(text)}`)];
  });
}

/** Of a joined column also the reference over which it comes. */
function nameSource({ attribute, through }: SqlColumn): string {
  if (attribute === null) return 'entity id';
  return printable(through === null ? attribute : `${attribute} via ${through}`);
}
