import type { GatewayWorld, GatewayWorldOptions } from '../../fakes/gateway-world.ts';
import { shop } from '../../fakes/world-files.ts';

export const SECOND = 1_000;

export interface Scenario {
  readonly name: string;
  /** Made anew for each run. */
  readonly options?: () => GatewayWorldOptions;
  /** What is there before anything can fail. */
  readonly before?: (world: GatewayWorld) => Promise<void>;
  /** Everything from here on can be the moment. */
  readonly act: (world: GatewayWorld) => Promise<void>;
  /** The engine dies by itself meanwhile: how often depends on when somebody looks. */
  readonly isEngineFailing?: boolean;
  /** What comes first may be passed over when the second is there in time. */
  readonly mayBeOvertaken?: boolean;
  /** Who asks may hear that it failed, and the gateway comes right all the same. */
  readonly mayAnswerEither?: boolean;
  /** The request waits for what was synced right before, as long as the source answers. */
  readonly isSourceAwaited?: boolean;
}

/** Lets it come to rest, whatever that is. */
export async function settle(world: GatewayWorld, mostMs = 240 * SECOND): Promise<boolean> {
  await world.pass(3 * SECOND);
  let since = world.clock.now();
  let last = '';
  return world.passUntil(() => {
    const status = world.status();
    const now = JSON.stringify([
      status?.reason,
      status?.conditions.map(({ type, status: is }) => [type, is]),
      world.engine.starts.length,
      world.isAgentUp(),
      world.view.requests(),
    ]);
    if (now !== last) since = world.clock.now();
    last = now;
    return world.isAgentUp() && world.clock.now() - since >= 14 * SECOND;
  }, mostMs);
}

/** A gateway that has proven its first configuration. */
export const proven = async (world: GatewayWorld) => {
  world.sync(shop());
  world.start();
  await settle(world);
};

/** The same, and somebody's query runs. */
export const provenWithQuery = async (world: GatewayWorld) => {
  await proven(world);
  world.engine.setQueries([{ id: 'q1', user: 'ann' }]);
  await world.pass(15 * SECOND);
};

/** A configuration with catalogs of these databases. */
export const change = (...databases: string[]) => shop(databases);

/** One thing happens, and the gateway comes to rest. */
export const act = (run: (world: GatewayWorld) => void) => async (world: GatewayWorld) => {
  run(world);
  await settle(world);
};
