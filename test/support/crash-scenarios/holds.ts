/** What waits for a person, and their yes. */
import type { GatewayWorld } from '../../fakes/gateway-world.ts';
import { catalog, shop } from '../../fakes/world-files.ts';
import { act, proven, type Scenario, settle } from './scenario.ts';

const held = async (world: GatewayWorld) => {
  await proven(world);
  world.upload({ 'catalog/shop.properties': catalog('shop', 'billing') }, { isDeleting: true });
  await settle(world);
};

const exposed = async (world: GatewayWorld) => {
  await proven(world);
  world.sync({ ...shop(), 'catalog/shop.properties': 'connector.name=datomic\n' });
  await settle(world);
};

const holdOf = (world: GatewayWorld) => world.status()?.held[0]?.snapshot ?? '0'.repeat(64);

export const HOLDS: readonly Scenario[] = [
  {
    name: 'directory deleted: held',
    before: proven,
    act: act((world) =>
      world.upload({ 'catalog/shop.properties': catalog('shop', 'billing') }, { isDeleting: true }),
    ),
  },
  {
    name: 'deletion allowed',
    before: held,
    act: act((world) =>
      world.request('yes', { kind: 'allow', hold: 'deletion', snapshot: holdOf(world), reason: 'test' }),
    ),
  },
  {
    name: 'exposure held',
    before: proven,
    act: act((world) => world.sync({ ...shop(), 'catalog/shop.properties': 'connector.name=datomic\n' })),
  },
  {
    name: 'exposure allowed',
    before: exposed,
    act: act((world) =>
      world.request('yes', { kind: 'allow', hold: 'exposure', snapshot: holdOf(world), reason: 'test' }),
    ),
  },
  { name: 'exposure held, engine killed', before: exposed, act: act((world) => world.engine.die()) },
];
