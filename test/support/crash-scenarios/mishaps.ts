/** What happens to engine, machine and disk behind the agent. */
import { act, change, proven, type Scenario, SECOND, settle } from './scenario.ts';

export const MISHAPS: readonly Scenario[] = [
  {
    name: 'hand edit of the live etc',
    before: proven,
    act: act((world) => {
      world.view.editLive('catalog/shop.properties', 'connector.name=tpch\n');
      world.view.editLive('catalog/evil.properties', 'connector.name=tpch\n');
      world.view.editLive('datomic/shop.edn', null);
      world.nudge();
    }),
  },
  { name: 'engine killed', before: proven, act: act((world) => world.engine.die()) },
  {
    name: 'engine stopped by hand',
    before: proven,
    act: async (world) => {
      await world.engine.stopByHand();
      await settle(world);
    },
  },
  { name: 'reboot', before: proven, act: act((world) => world.reboot()) },
  {
    name: 'reboot in the middle of a restart',
    before: proven,
    act: async (world) => {
      world.sync(change('shop', 'billing'));
      await world.passUntil(() => world.engine.jobs().includes('restart'), 60 * SECOND);
      await world.pass(SECOND);
      world.reboot();
      await settle(world);
    },
  },
  {
    name: 'machine off for an hour in the middle of a restart',
    before: proven,
    act: async (world) => {
      world.sync(change('shop', 'billing'));
      await world.passUntil(() => world.engine.jobs().includes('restart'), 60 * SECOND);
      await world.pass(SECOND);
      await world.turnOff(3_600 * SECOND);
      await settle(world);
    },
  },
];

export const LOSSES: readonly Scenario[] = [
  {
    name: 'state lost while the agent is down',
    before: proven,
    act: async (world) => {
      world.kill();
      world.view.loseMemory();
      await world.pass(5 * SECOND);
      await settle(world);
    },
  },
  {
    name: 'agent killed at rest, source emptied meanwhile',
    before: proven,
    act: async (world) => {
      world.kill();
      world.clearSource();
      await settle(world);
    },
  },
];
