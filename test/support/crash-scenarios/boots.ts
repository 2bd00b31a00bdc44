/** Machines and agents that begin. */
import { AgentError } from '../../../agent/core/errors.ts';
import { createFakeBucket } from '../../fakes/fake-bucket.ts';
import { catalog, shop } from '../../fakes/world-files.ts';
import { proven, type Scenario, SECOND, settle } from './scenario.ts';

const AWAY = new AgentError('SOURCE_UNREACHABLE', 'away');

export const BOOTS: readonly Scenario[] = [
  {
    name: 'first boot',
    act: async (world) => {
      world.sync(shop());
      world.start();
      await settle(world);
    },
  },
  {
    name: 'first boot with S3 away, which answers later',
    act: async (world) => {
      for (const call of ['list', 'readManifest'] as const) world.source.fail(call, AWAY);
      world.sync(shop());
      world.start();
      await world.pass(20 * SECOND);
      for (const call of ['list', 'readManifest'] as const) world.source.fail(call, null);
      await settle(world);
    },
  },
  {
    name: 'fresh machine that inherits a baseline',
    options: () => ({ bucket: createFakeBucket() }),
    mayBeOvertaken: true,
    before: async (world) => {
      await proven(world);
      world.replaceMachine();
    },
    act: async (world) => {
      world.upload({ 'catalog/shop.properties': catalog('shop', 'billing') }, { isDeleting: true });
      world.start();
      await settle(world);
    },
  },
];

export const ONCE: Scenario = {
  name: 'once',
  options: () => ({ isOnce: true }),
  act: async (world) => {
    world.sync(shop());
    world.start();
    const isOver = () => world.ends.at(-1)?.code != null;
    for (let tries = 0; tries < 20 && world.ends.at(-1)?.code !== 0; tries += 1) {
      // Exit code 75 says: try again.
      if (isOver()) {
        await world.pass(5 * SECOND);
        world.start();
      }
      const before = world.ends.length;
      await world.passUntil(() => isOver() && world.ends.length > before, 240 * SECOND);
    }
  },
};
