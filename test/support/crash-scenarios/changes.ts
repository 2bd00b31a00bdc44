/** What is written into the source. */
import { catalog, metaschema, shop } from '../../fakes/world-files.ts';
import { act, change, proven, provenWithQuery, type Scenario, SECOND, settle } from './scenario.ts';

export const CHANGES: readonly Scenario[] = [
  {
    name: 'metaschema change',
    before: proven,
    act: act((world) => world.sync(shop(['shop'], { 'datomic/shop.edn': metaschema('sales') }))),
  },
  {
    name: 'catalog change',
    before: proven,
    act: act((world) =>
      world.sync({
        'catalog/more.properties': catalog('more'),
        'datomic/shop.edn': metaschema('sales'),
        'datomic/more.edn': metaschema('more'),
      }),
    ),
  },
  {
    name: 'catalog change by the original CLI, with queries to drain',
    before: provenWithQuery,
    act: act((world) => world.upload(change('shop', 'billing'))),
  },
  {
    name: 'change of a comment',
    before: proven,
    act: act((world) =>
      world.sync(shop(['shop'], { 'catalog/shop.properties': `# why\n${catalog('shop')}` })),
    ),
  },
  {
    name: 'two catalog changes, the second during the first',
    before: proven,
    act: async (world) => {
      world.sync(change('shop', 'billing'));
      await world.pass(7 * SECOND);
      world.sync(change('shop', 'stock'));
      await settle(world);
    },
    mayBeOvertaken: true,
  },
];

export const GROUP_MOVE: Scenario = {
  name: 'group moves',
  before: proven,
  act: act((world) => world.sync(change('stock'), { group: 'reports' })),
};

export const BAD_SYNCS: readonly Scenario[] = [
  {
    name: 'interrupted sync, then a whole one',
    before: proven,
    act: async (world) => {
      world.interruptSync(change('shop', 'billing'));
      await world.pass(20 * SECOND);
      world.sync(change('shop', 'stock'));
      await settle(world);
    },
  },
  {
    name: 'bad sync, then a good one',
    before: proven,
    act: async (world) => {
      world.sync(shop(['shop'], { 'datomic/shop.edn': '{:tables {' }));
      await settle(world);
      world.sync(change('shop', 'billing'));
      await settle(world);
    },
  },
];
