/** What a gateway goes through, as the world around the agent does it: scripts for the crash points. */
import { AgentError } from '../../agent/core/errors.ts';
import { createFakeBucket } from '../fakes/fake-bucket.ts';
import type { GatewayWorld, GatewayWorldOptions } from '../fakes/gateway-world.ts';
import { catalog, metaschema, shop } from '../fakes/world-files.ts';

const SECOND = 1_000;

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

const AWAY = new AgentError('SOURCE_UNREACHABLE', 'away');

const proven = async (world: GatewayWorld) => {
  world.sync(shop());
  world.start();
  await settle(world);
};

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

const change = (...databases: string[]) => shop(databases);
const act = (run: (world: GatewayWorld) => void) => async (world: GatewayWorld) => {
  run(world);
  await settle(world);
};

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

export const SCENARIOS: readonly Scenario[] = [
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
    before: async (world) => {
      await proven(world);
      world.engine.setQueries([{ id: 'q1', user: 'ann' }]);
      await world.pass(15 * SECOND);
    },
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
  {
    name: 'group moves',
    before: proven,
    act: act((world) => world.sync(change('stock'), { group: 'reports' })),
  },
  {
    name: 'restart request',
    before: proven,
    act: act((world) => world.request('r', { kind: 'restart', reason: 'test' })),
  },
  {
    name: 'restart request without drain, with a query',
    before: async (world) => {
      await proven(world);
      world.engine.setQueries([{ id: 'q1', user: 'ann' }]);
      await world.pass(15 * SECOND);
    },
    act: act((world) => world.request('r', { kind: 'restart', now: true, reason: 'test' })),
  },
  {
    name: 'restart request with a drain',
    before: async (world) => {
      await proven(world);
      world.engine.setQueries([{ id: 'q1', user: 'ann' }]);
      await world.pass(15 * SECOND);
    },
    act: act((world) => world.request('r', { kind: 'restart', reason: 'test' })),
  },
  {
    name: 'sync and restart request: one restart',
    before: proven,
    act: act((world) => {
      world.sync(change('shop', 'billing'));
      world.request('r', { kind: 'restart', reason: 'test' });
    }),
    isSourceAwaited: true,
  },
  {
    name: 'restart request after the job went out: a second run',
    before: proven,
    act: async (world) => {
      world.sync(change('shop', 'billing'));
      await world.passUntil(() => world.engine.jobs().includes('restart'), 60 * SECOND);
      world.request('r', { kind: 'restart', reason: 'test' });
      await settle(world);
    },
    // Killed before it could remember the job, the agent takes the run that comes of it, which began after the request.
    mayBeOvertaken: true,
  },
  {
    name: 'restart request on a release that is refused',
    before: proven,
    act: act((world) => {
      world.sync(change('shop', 'refused'));
      world.request('r', { kind: 'restart', reason: 'test' });
    }),
    isEngineFailing: true,
    mayAnswerEither: true,
    isSourceAwaited: true,
  },
  {
    name: 'poll request',
    before: proven,
    act: act((world) => {
      world.sync(shop(['shop'], { 'datomic/shop.edn': metaschema('sales') }));
      world.request('p', { kind: 'poll', reason: 'test' });
    }),
    mayAnswerEither: true,
  },
  {
    name: 'pause, change, restart request, resume',
    before: proven,
    act: async (world) => {
      world.request('pause', { kind: 'pause', reason: 'test' });
      await settle(world);
      world.sync(change('shop', 'billing'));
      world.request('r', { kind: 'restart', reason: 'test' });
      await settle(world);
      world.request('resume', { kind: 'resume', reason: 'test' });
      await settle(world);
    },
  },
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
  {
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
  },
];
