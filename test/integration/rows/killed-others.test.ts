/**
 * The agent is killed by SIGKILL right before recorded effects of a metaschema change, a rollback and a first boot, and
 * started again: a sample of them, all in the torture.
 */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Change,
  judgeFiles,
  judgeSeen,
  judgeStarts,
  killThrough,
  type Life,
  spread,
} from '../../support/killed-change.ts';
import { isProven } from '../../support/proven.ts';
import { listPrefixes, readLive } from '../../support/rig-live.ts';

const POINTS_EACH = 4;

/** Nothing is waited for but the processes themselves. */
const RIG = {
  source: 'directory',
  env: {
    GATEWAY_SETTLE: '50ms',
    GATEWAY_RESTART_SPACING: '0s',
    GATEWAY_STABLE: '200ms',
    GATEWAY_PUBLISH_STABLE: '200ms',
    GATEWAY_DRAIN: '50ms',
  },
  script: { startMs: 10, serveMs: 10 },
} as const;

const SHOP = 'connector.name=datomic\ndatomic.databases=[shop]\n';
const FILES = {
  'catalog/old.properties': 'connector.name=datomic\ndatomic.databases=[old]\n',
  'catalog/shop.properties': SHOP,
  'datomic/old.edn': '{:tables {:old/id {}} :joins {}}\n',
  'datomic/shop.edn': '{:tables {:order/number {}} :joins {}}\n',
};

const judgeCount = ({ isKilled, starts }: Life, undisturbed: number) => {
  // The child of a killed agent is ended, and started anew: one start more.
  const isRight = isKilled ? starts.length <= undisturbed + 1 : starts.length === undisturbed;
  return isRight ? [] : [`${starts.length} starts instead of ${undisturbed}`];
};

const METASCHEMAS = {
  'catalog/old.properties': FILES['catalog/old.properties'],
  'catalog/shop.properties': SHOP,
  'datomic/new.edn': '{:tables {:new/id {}} :joins {}}\n',
  'datomic/shop.edn': '{:tables {:order/number {:name "orders"}} :joins {}}\n',
};
const METASCHEMA_CHANGE: Change = {
  rig: RIG,
  from: FILES,
  to: METASCHEMAS,
  isDone: (status, { to }) => isProven(status, to),
  judge: (life) => [
    ...judgeSeen(life, listPrefixes(life.before, life.after)),
    ...judgeStarts(life, [life.after]),
    ...judgeFiles(life, METASCHEMAS),
    ...judgeCount(life, 0),
    ...(life.isKilled || life.status.analytics.pid === life.pidBefore ? [] : ['the engine is another']),
  ],
};

const ROLLBACK: Change = {
  rig: RIG,
  from: FILES,
  to: {
    'catalog/new.properties': 'connector.name=datomic\ndatomic.databases=[new]\n',
    'catalog/shop.properties': `${SHOP}stand-in.refuse=true\n`,
    'datomic/old.edn': '{:tables {:old/name {}} :joins {}}\n',
    'datomic/shop.edn': FILES['datomic/shop.edn'],
  },
  isDone: (status, { from }) => status.quarantined.length === 1 && isProven(status, from),
  judge: async (life) => {
    const { rig, before, after, status } = life;
    const digest = status.quarantined[0]?.digest ?? 'none';
    const refused = await readLive(path.join(rig.state, 'store', 'releases', digest, 'etc'));
    return [
      ...judgeSeen(life, [...listPrefixes(before, refused), ...listPrefixes(refused, after)]),
      ...judgeStarts(life, [before, refused]),
      ...judgeFiles(life, FILES),
      ...judgeCount(life, 2),
    ];
  },
};

const FIRST_BOOT: Change = {
  rig: RIG,
  from: null,
  to: FILES,
  isDone: (status, { to }) => isProven(status, to),
  judge: (life) => [
    ...judgeSeen(life, listPrefixes(life.before, life.after)),
    ...judgeStarts(life, [life.after]),
    ...judgeFiles(life, FILES),
    ...judgeCount(life, 1),
  ],
};

describe('a kill before effects', () => {
  it.each([
    ['of a metaschema change: it goes live, in the documented order', METASCHEMA_CHANGE],
    ['of a rollback: what was proven is live and serving, what was refused is quarantined', ROLLBACK],
    ['of a first boot: it is proven in the end', FIRST_BOOT],
  ])('%s', { timeout: 900_000 }, async (_, change) => {
    const { problems, killed, points } = await killThrough(change, (effects) => spread(effects, POINTS_EACH));
    expect(problems).toEqual([]);
    // The number of effects differs a little from run to run (status, polls); nearly all points must have been met.
    expect(killed).toBeGreaterThan(points * 0.7);
  });
});
