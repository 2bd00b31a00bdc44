/** What a person asks the gateway for. */
import { metaschema, shop } from '../../fakes/world-files.ts';
import { act, change, proven, provenWithQuery, type Scenario, SECOND, settle } from './scenario.ts';

export const REQUESTS: readonly Scenario[] = [
  {
    name: 'restart request',
    before: proven,
    act: act((world) => world.request('r', { kind: 'restart', reason: 'test' })),
  },
  {
    name: 'restart request without drain, with a query',
    before: provenWithQuery,
    act: act((world) => world.request('r', { kind: 'restart', now: true, reason: 'test' })),
  },
  {
    name: 'restart request with a drain',
    before: provenWithQuery,
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
];
