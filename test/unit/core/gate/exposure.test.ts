import { describe, expect, it } from 'vitest';
import { widenedExposure } from '../../../../agent/core/gate/exposure.ts';
import { sourceFiles } from '../../../support/releases.ts';

const LISTED = 'connector.name=datomic\ndatomic.databases=[shop]\n';
const OPEN = 'connector.name=datomic\n';
const withClient = (map: string) => `${LISTED}datomic.client.config=${map}\n`;
const PEER = withClient('{:server-type :peer-server :secret "s" :endpoint "db:8998"}');

const catalog = (text: string) => ({ 'catalog/shop.properties': text });
const reasonsFor = (before: Record<string, string>, after: Record<string, string>) =>
  widenedExposure(sourceFiles(before), sourceFiles(after));

describe('a catalog that would show more than before is named', () => {
  it.each([
    ['from a list to everything', catalog(LISTED), catalog(OPEN), /no longer lists/],
    ['its list lost the =', catalog(LISTED), catalog(`${OPEN}datomic.databases[shop]\n`), /no longer lists/],
    [
      'its list is no list any more',
      catalog(LISTED),
      catalog(`${OPEN}datomic.databases=shop\n`),
      /no longer lists/,
    ],
    ['new, without a list', {}, catalog(OPEN), /is new and lists no databases/],
    ['new under another name', catalog(OPEN), { 'catalog/all.properties': OPEN }, /is new/],
    ['was of another connector', catalog('connector.name=tpch\n'), catalog(OPEN), /is new/],
    [
      'another endpoint',
      catalog(PEER),
      catalog(PEER.replace('db:8998', 'other:8998')),
      /:endpoint .* changed/,
    ],
    [
      'another server type',
      catalog(PEER),
      catalog(PEER.replace(':peer-server', ':cloud')),
      /:server-type .* changed/,
    ],
    ['an endpoint where there was none', catalog(LISTED), catalog(PEER), /:endpoint .* changed/],
    ['its endpoint is gone', catalog(PEER), catalog(LISTED), /:endpoint .* changed/],
    [
      'blanks around the connector',
      catalog(LISTED),
      catalog('connector.name = datomic  \n'),
      /no longer lists/,
    ],
  ])('%s', (_title, before, after, reason) => {
    expect(reasonsFor(before, after)).toEqual([
      { path: Object.keys(after)[0], reason: expect.stringMatching(reason) },
    ]);
  });
});

describe('what shows no more than before is not named', () => {
  it.each([
    ['the same', catalog(PEER), catalog(PEER)],
    ['one database more in the list', catalog(LISTED), catalog(LISTED.replace('[shop]', '[shop billing]'))],
    ['from everything to a list', catalog(OPEN), catalog(LISTED)],
    ['everything, as before', catalog(OPEN), catalog(`# still open\n${OPEN}`)],
    ['new, with a list', {}, catalog(LISTED)],
    ['gone', catalog(OPEN), {}],
    ['another secret', catalog(PEER), catalog(PEER.replace('"s"', '"t"'))],
    [
      'the client map in another notation',
      catalog(PEER),
      catalog(withClient('{ :endpoint "db\\:8998", :server-type :peer-server, :secret "s"}')),
    ],
    ['another connector', {}, catalog('connector.name=tpch\n')],
    ['a metaschema', {}, { 'datomic/shop.edn': '{:tables {:order/id {}}}' }],
  ])('%s', (_title, before, after) => {
    expect(reasonsFor(before, after)).toEqual([]);
  });
});

it('a reason quotes nothing of the client map', () => {
  const [found] = reasonsFor(catalog(PEER), catalog(PEER.replace('db:8998', 'hunter2:1')));
  expect(found?.reason).not.toMatch(/hunter2|8998/);
});
