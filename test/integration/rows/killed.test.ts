/**
 * The agent is killed by SIGKILL right before each of its outside effects of a catalog change, and started again. The
 * effects are recorded, not listed by hand: new code is covered by itself.
 */
import { expect, it } from 'vitest';
import {
  type Change,
  isHidden,
  judgeFiles,
  judgeSeen,
  judgeStarts,
  killThrough,
} from '../../support/killed-change.ts';
import { isProven } from '../../support/proven.ts';
import type { Effect } from '../../support/rig.ts';
import { listPrefixes } from '../../support/rig-live.ts';

const AFTER = {
  'catalog/new.properties': 'connector.name=datomic\ndatomic.databases=[new]\n',
  'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop billing]\n',
  'datomic/new.edn': '{:tables {:new/id {}} :joins {}}\n',
  'datomic/shop.edn': '{:tables {:order/number {:name "orders"}} :joins {}}\n',
};

const CATALOG_CHANGE: Change = {
  // No drain: the engine has no query. Short times keep a hundred lives affordable.
  rig: { env: { GATEWAY_RESTART_SPACING: '0s', GATEWAY_STABLE: '300ms', GATEWAY_DRAIN: '200ms' } },
  from: {
    'catalog/old.properties': 'connector.name=datomic\ndatomic.databases=[old]\n',
    'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop]\n',
    'datomic/old.edn': '{:tables {:old/id {}} :joins {}}\n',
    'datomic/shop.edn': '{:tables {:order/number {}} :joins {}}\n',
  },
  to: AFTER,
  isDone: (status, { to }) => isProven(status, to),
  judge: (life) => {
    const { isKilled, before, after, starts } = life;
    const isStartedRight = isKilled ? starts.length <= 2 : starts.length === 1;
    return [
      ...judgeSeen(life, listPrefixes(before, after)),
      ...judgeStarts(life, [before, after]),
      ...judgeFiles(life, AFTER),
      ...(isStartedRight ? [] : [`${starts.length} starts for one change${isKilled ? ' and one kill' : ''}`]),
    ];
  },
};

/** All that a reader could see; of the hidden ones a spread, all of them in the torture. */
function choose(effects: readonly Effect[]): readonly number[] {
  const step = process.env.TORTURE === undefined ? 8 : 1;
  const hidden = effects.filter(isHidden).filter((_, index) => index % step === 0);
  return [...effects.filter((one) => !isHidden(one)), ...hidden].map(({ n }) => n).toSorted((a, b) => a - b);
}

it('a kill before any effect of a catalog change converges, and no reader saw anything but the documented order', async () => {
  const { problems, killed, points } = await killThrough(CATALOG_CHANGE, choose);
  expect(problems).toEqual([]);
  // The number of effects differs a little from run to run (status, polls); nearly all points must have been met.
  expect(killed).toBeGreaterThan(points * 0.8);
}, 900_000);
