/** Configurations that the engine does not survive, and the way back from them. */
import type { GatewayWorld } from '../../fakes/gateway-world.ts';
import { metaschema, shop } from '../../fakes/world-files.ts';
import { act, change, proven, type Scenario, settle } from './scenario.ts';

/** A change that the engine does not survive, on a proven gateway. */
const rollback = (name: string, database: string): Scenario => ({
  name,
  before: proven,
  act: act((world) => world.sync(change('shop', database))),
  isEngineFailing: true,
});

const quarantined = async (world: GatewayWorld) => {
  await proven(world);
  world.sync(change('shop', 'exits'));
  await settle(world);
};

export const FAILURES: readonly Scenario[] = [
  rollback('catalog that the engine refuses', 'refused'),
  rollback('catalog on which the engine exits', 'exits'),
  rollback('catalog with which the engine never serves', 'silent'),
  rollback('catalog with which the engine dies in the stable time', 'late'),
  {
    name: 'first catalog ever is refused, the next one is good',
    act: async (world) => {
      world.sync(change('refused'));
      world.start();
      await settle(world);
      world.sync(change('shop'));
      await settle(world);
    },
    isEngineFailing: true,
    mayBeOvertaken: true,
  },
  { name: 'quarantined, then back', before: quarantined, act: act((world) => world.sync(shop())) },
  {
    name: 'quarantined, then a metaschema on top',
    before: quarantined,
    act: act((world) => world.sync(shop(['shop', 'exits'], { 'datomic/shop.edn': metaschema('sales') }))),
  },
  {
    name: 'quarantined, then retry',
    before: quarantined,
    act: act((world) => world.request('again', { kind: 'retry', reason: 'test' })),
    isEngineFailing: true,
  },
];
