import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type EdnNode, lookUp } from '../../../../agent/core/edn/node.ts';
import { readEdn } from '../../../../agent/core/edn/read.ts';
import { gate } from '../../../../agent/core/gate/gate.ts';
import { createIssueLog } from '../../../../agent/core/gate/issue-log.ts';
import { readMetaschema } from '../../../../agent/core/gate/metaschema.ts';
import { type AttributeFacts, computeTables, type SqlTable } from '../../../../agent/core/gate/tables.ts';

const DIR = 'test/cases/mbrainz';
const read = (path: string) => ({ path, bytes: readFileSync(`${DIR}/input/${path}`) });

function tables(schema: ReadonlyMap<string, AttributeFacts> | null): readonly SqlTable[] {
  const { form } = readEdn(readFileSync(`${DIR}/input/datomic/mbrainz.edn`, 'utf8'));
  const log = createIssueLog('datomic/mbrainz.edn', 'METASCHEMA_TOO_MANY_FINDINGS');
  const metaschema = form === null ? null : readMetaschema(form, log);
  expect(log.issues()).toEqual([]);
  return metaschema === null ? [] : computeTables(metaschema, schema);
}

/** As much of a schema as this one file needs: a vector of maps. */
function readSchema(): ReadonlyMap<string, AttributeFacts> {
  const { form, faults } = readEdn(readFileSync(`${DIR}/datomic-schema.edn`, 'utf8'));
  expect(faults).toEqual([]);
  const keyword = (node: EdnNode | null) => (node?.kind === 'keyword' ? node.text : '');
  const items = form?.kind === 'vector' ? form.items : [];
  return new Map(
    items.flatMap((item) => {
      const at = (key: string) => keyword(item.kind === 'map' ? lookUp(item, key) : null);
      const isMany = at(':db/cardinality') === ':db.cardinality/many';
      return at(':db/valueType') === ''
        ? []
        : [[at(':db/ident'), { isMany, valueType: at(':db/valueType') }] as const];
    }),
  );
}

const namesOf = (found: readonly SqlTable[], kind: SqlTable['kind']) =>
  found.filter((table) => table.kind === kind).map(({ name }) => name);
const columnsOf = (found: readonly SqlTable[], name: string) =>
  found.find((table) => table.name === name)?.columns.map((column) => column.name);

describe('the official mbrainz sample', () => {
  it('passes the gate without a word', () => {
    const files = [read('catalog/mbrainz.properties'), read('datomic/mbrainz.edn')];
    expect(gate(files, { connectors: ['datomic'] })).toEqual([]);
  });

  it('makes 22 tables with its schema: 14 of entities, 6 of cardinality-many attributes, 2 automatic ones', () => {
    const found = tables(readSchema());
    expect(found).toHaveLength(22);
    expect(namesOf(found, 'entity')).toHaveLength(14);
    expect(namesOf(found, 'many').toSorted()).toEqual([
      'abstractrelease_x_artists',
      'medium_x_tracks',
      'release_x_artists',
      'release_x_labels',
      'release_x_media',
      'track_x_artists',
    ]);
    expect(namesOf(found, 'automatic')).toEqual(['db__attrs', 'db__idents']);
  });

  it('without its schema makes 16: nobody knows then what is cardinality-many', () => {
    const found = tables(null);
    expect(found).toHaveLength(16);
    expect(found.every(({ hasAllColumns }) => !hasAllColumns)).toBe(true);
    expect(columnsOf(found, 'country')).toEqual(['db__id', 'name']);
  });

  it('gives a table the columns that the documentation shows, and those of joined tables', () => {
    const found = tables(readSchema());
    expect(columnsOf(found, 'country')).toEqual(['db__id', 'name', 'code']);
    expect(columnsOf(found, 'artist')).toEqual(
      expect.arrayContaining(['db__id', 'gid', 'country', 'country__code', 'country__name', 'type__name']),
    );
    const many = found.find(({ name }) => name === 'track_x_artists');
    expect(many).toMatchObject({ kind: 'many', membership: ':track/name', attribute: ':track/artists' });
    expect(many?.columns.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['db__id', 'name', 'artists', 'artists__name', 'artists__country']),
    );
    expect(many?.columns.find(({ name }) => name === 'artists__name')).toEqual({
      name: 'artists__name',
      attribute: ':artist/name',
      through: ':track/artists',
      valueType: ':db.type/string',
      scale: null,
    });
  });
});
