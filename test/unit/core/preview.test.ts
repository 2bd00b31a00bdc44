import { describe, expect, it } from 'vitest';
import type { Issue } from '../../../agent/core/issue.ts';
import { type PreviewGround, previewPublish } from '../../../agent/core/preview.ts';
import { sourceFiles } from '../../support/releases.ts';

const CATALOG = 'connector.name=datomic\ndatomic.databases=[shop]\n';
const LIVE = {
  'catalog/shop.properties': CATALOG,
  'datomic/billing.edn': '{:tables {:invoice/number {}}}',
  'datomic/shop.edn': '{:tables {:order/number {}}}',
};

type Texts = Readonly<Record<string, string>>;

function preview(
  files: Texts,
  options: { live?: Texts | null; issues?: readonly Issue[]; ground?: Partial<PreviewGround> } = {},
) {
  const effective = options.live === null ? null : sourceFiles(options.live ?? LIVE);
  const ground: PreviewGround = {
    effective,
    baseline: effective,
    kept: [],
    keptFiles: [],
    acknowledgements: [],
    exposure: 'hold',
    findQuarantine: () => null,
    ...options.ground,
  };
  const { issues = [] } = options;
  const seen = previewPublish({ files: sourceFiles(files), issues, checkTogether: () => [], ground });
  const effects = Object.fromEntries(seen.files.map(({ path, effect }) => [path, effect]));
  const reasons = Object.fromEntries(seen.files.map(({ path, reason }) => [path, reason]));
  return { effects, reasons, reason: seen.reason, actions: seen.actions.map(({ kind }) => kind) };
}

const error = (path: string, line = 3): Issue => ({
  code: 'EDN_UNBALANCED',
  severity: 'error',
  path,
  line,
  column: 1,
  message: 'expected }',
  hint: 'add it',
});

describe('publishing a directory', () => {
  it('that is live already does nothing', () => {
    const { actions, reason, effects } = preview(LIVE);
    expect(actions).toEqual([]);
    expect(reason).toBe('nothing to publish');
    expect(new Set(Object.values(effects))).toEqual(new Set(['none']));
  });

  it('with another metaschema publishes it and restarts nothing', () => {
    const seen = preview({ ...LIVE, 'datomic/shop.edn': '{:tables {:order/id {}}}' });
    expect(seen.actions).toEqual(['publish']);
    expect(seen.effects).toEqual({
      'catalog/shop.properties': 'none',
      'datomic/billing.edn': 'none',
      'datomic/shop.edn': 'hot-reload',
    });
    expect(seen.reasons['datomic/shop.edn']).toBe('table :order/id added, table :order/number removed');
    expect(seen.reason).toBe('publish 1 file, no restart');
  });

  it.each([
    ['{:tables {:order/number {:name "orders"}}}', 'table :order/number changed'],
    ['{:tables {:order/number {}} :joins {:order/customer "customer"}}', 'join :order/customer added'],
    ['{:tables {:order/number {}} :other 1}', 'metaschema changed'],
    ['[]', 'table :order/number removed'],
  ])('with the metaschema %s says what changed', (text, reason) => {
    expect(preview({ ...LIVE, 'datomic/shop.edn': text }).reasons['datomic/shop.edn']).toBe(reason);
  });

  it('with another catalog restarts once, and names the databases', () => {
    const seen = preview({ ...LIVE, 'catalog/shop.properties': CATALOG.replace('[shop]', '[shop billing]') });
    expect(seen.actions).toEqual(['publish', 'restart']);
    expect(seen.reasons['catalog/shop.properties']).toBe('databases [shop] → [shop billing]');
    expect(seen.reason).toBe('publish 1 file, restart the analytics process once');
  });

  it('names properties whose values could be secret, and no value', () => {
    const live = { 'catalog/a.properties': `${CATALOG}datomic.client.config={:secret "s3cr3t"}\nx=1\n` };
    const files = { 'catalog/a.properties': `${CATALOG}datomic.client.config={:secret "0ther"}\ny=2\n` };
    const reason = preview(files, { live }).reasons['catalog/a.properties'];
    expect(reason).toBe('datomic.client.config changed, x removed, y added');
  });

  it.each([
    ['catalog/shop.properties', `# a comment\ndatomic.databases = [shop]\nconnector.name: datomic\n`],
    ['datomic/shop.edn', '; a comment\n{:tables  {:order/number {,}}}\n'],
  ])('in which only comments, order or spacing of %s differ means nothing', (path, text) => {
    const seen = preview({ ...LIVE, [path]: text });
    expect(seen.effects[path]).toBe('none');
    expect(seen.reasons[path]).toBe('only comments, order or spacing differ');
    expect(seen.actions).toEqual(['publish']);
  });

  it('to an empty gateway starts the analytics process', () => {
    const seen = preview(LIVE, { live: null });
    expect(seen.actions).toEqual(['publish', 'start']);
    expect(seen.reasons['catalog/shop.properties']).toBe('new catalog');
  });

  it('without one file of several deletes it', () => {
    const { 'datomic/billing.edn': _, ...files } = LIVE;
    const seen = preview(files);
    expect(seen.effects['datomic/billing.edn']).toBe('hot-reload');
    expect(seen.reasons['datomic/billing.edn']).toBe('metaschema removed');
  });

  it('without a whole directory keeps its files, and publishes the rest', () => {
    const seen = preview({ 'catalog/shop.properties': CATALOG.replace('[shop]', '[shop billing]') });
    expect(seen.effects).toEqual({
      'catalog/shop.properties': 'restart',
      'datomic/billing.edn': 'held',
      'datomic/shop.edn': 'held',
    });
    expect(seen.reasons['datomic/shop.edn']).toContain('gone with its whole directory');
    expect(seen.actions).toEqual(['publish', 'restart']);
  });

  it('without a directory that a person agreed to lose deletes its files', () => {
    const paths = ['datomic/billing.edn', 'datomic/shop.edn'].map((path) => ({ path, reason: null }));
    const yes = { kind: 'deletion' as const, snapshot: 's' as never, paths, at: 0, by: 'ann' };
    const seen = preview({ 'catalog/shop.properties': CATALOG }, { ground: { acknowledgements: [yes] } });
    expect(seen.effects['datomic/shop.edn']).toBe('hot-reload');
  });

  it('that shows more than before waits as a whole', () => {
    const seen = preview({
      ...LIVE,
      'catalog/shop.properties': 'connector.name=datomic\n',
      'datomic/shop.edn': '{:tables {:order/id {}}}',
    });
    expect(seen.actions).toEqual([]);
    expect(seen.effects).toEqual({
      'catalog/shop.properties': 'held',
      'datomic/billing.edn': 'none',
      'datomic/shop.edn': 'held',
    });
    expect(seen.reasons['datomic/shop.edn']).toBe('waits with catalog/shop.properties');
    expect(seen.reason).toContain('would show more than before');
  });

  it('that shows more than before goes live where exposure is allowed', () => {
    const files = { ...LIVE, 'catalog/shop.properties': 'connector.name=datomic\n' };
    expect(preview(files, { ground: { exposure: 'allow' } }).actions).toEqual(['publish', 'restart']);
  });

  it('with an error refuses it as a whole', () => {
    const files = { ...LIVE, 'datomic/shop.edn': '{', 'catalog/shop.properties': `${CATALOG}x=1\n` };
    const seen = preview(files, { issues: [error('datomic/shop.edn'), error('datomic/shop.edn', 4)] });
    expect(seen.actions).toEqual([]);
    expect(seen.effects).toEqual({
      'catalog/shop.properties': 'refused',
      'datomic/billing.edn': 'none',
      'datomic/shop.edn': 'refused',
    });
    expect(seen.reasons['datomic/shop.edn']).toBe('3:1 expected }, and 1 more');
    expect(seen.reasons['catalog/shop.properties']).toBe('files are published as a set');
    expect(seen.reason).toBe('refused: 2 errors');
  });

  it('with an error in a path that is no file of the set names that path', () => {
    const seen = preview(LIVE, { issues: [error('datomic/large.edn', 0)] });
    expect(seen.effects['datomic/large.edn']).toBe('refused');
  });

  it('with catalogs that failed before leaves them out, and publishes the metaschemas', () => {
    const seen = preview(
      {
        ...LIVE,
        'catalog/shop.properties': `${CATALOG}x=1\n`,
        'datomic/shop.edn': '{:tables {:order/id {}}}',
      },
      { ground: { findQuarantine: () => 'ended twice' } },
    );
    expect(seen.actions).toEqual(['publish']);
    expect(seen.effects['catalog/shop.properties']).toBe('held');
    expect(seen.effects['datomic/shop.edn']).toBe('hot-reload');
    expect(seen.reasons['catalog/shop.properties']).toBe('quarantined: ended twice');
  });

  it('where files are kept already goes on keeping them', () => {
    const seen = preview(
      { 'catalog/shop.properties': CATALOG, 'datomic/new.edn': '{:tables {:a/b {}}}' },
      { ground: { kept: ['datomic/shop.edn', 'datomic/billing.edn'] } },
    );
    expect(seen.effects['datomic/shop.edn']).toBe('held');
    expect(seen.effects['datomic/new.edn']).toBe('hot-reload');
  });
});
