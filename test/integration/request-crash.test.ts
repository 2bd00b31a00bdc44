/** The agent is killed by SIGKILL right before the outside effects of a requested restart, and started again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createRig, type Effect } from '../support/rig.ts';
import { createCtl } from '../support/rig-ctl.ts';

/** More than a requested restart has. */
const NEVER = 1_000;
/** After the answer its request is taken away and the agent remembers: effects that still count. */
const AFTERWARDS_MS = 300;
/** Nothing is waited for but the engine itself: each of many restarts should take no longer than it must. */
const TIMES = { GATEWAY_RESTART_SPACING: '50ms', GATEWAY_STABLE: '50ms', GATEWAY_SETTLE: '50ms' };

/** Effects by what they tell: numbers shift a little from life to life, these are met for certain. */
const DECISIVE = ['/answers/', '/requests/', 'memory.json', 'started', 'kill', 'spawn'] as const;

/** A spread of the others; all of them in the torture. */
const choose = (effects: readonly Effect[]): number[] =>
  effects.filter(({ n }) => process.env.TORTURE !== undefined || n % 8 === 1).map(({ n }) => n);

async function createGateway() {
  const rig = await createRig({ source: 'directory', env: TIMES, script: { startMs: 10, serveMs: 10 } });
  const ctl = createCtl(rig);
  await rig.sync({ 'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop]\n' });
  rig.start({ recordsEffects: true });
  await rig.waitForProven();

  /** One request; the agent dies before the n-th effect from then on, if it comes to that. */
  const request = async (n: number | string) => {
    const id = `request-${n}`.replace(/[^a-z0-9-]/g, '');
    const pidBefore = rig.status()?.analytics.pid;
    const startsBefore = rig.engineStarts().length;
    rig.disarm();
    rig.killBeforeEffect(n);
    ctl.drop(id, { kind: 'restart', by: 'maria', reason: 'each effect' });
    while (rig.agent().isRunning() && ctl.answerOf(id) === null) await sleep(5);
    const until = Date.now() + AFTERWARDS_MS;
    while (rig.agent().isRunning() && Date.now() < until) await sleep(5);
    const isKilled = !rig.agent().isRunning();
    const effects = rig.effects();
    rig.disarm();
    if (isKilled) rig.start({ recordsEffects: true });
    const answer = await ctl.waitForAnswer(id);
    await rig.waitFor(({ analytics, reason }) => analytics.serving && reason === 'nothing to do');
    const starts = rig.engineStarts().length - startsBefore;
    return { id, answer, isKilled, effects, starts, pidBefore };
  };
  return { rig, ctl, request };
}

it('a requested restart is neither lost nor doubled, whenever the agent is killed', {
  timeout: 600_000,
}, async () => {
  const { ctl, request } = await createGateway();
  const undisturbed = await request(NEVER);
  expect(undisturbed).toMatchObject({ isKilled: false, starts: 1, answer: { outcome: 'done' } });
  const killed: Effect[] = [];
  for (const n of [...DECISIVE, ...choose(undisturbed.effects)]) {
    const { id, answer, isKilled, effects, starts, pidBefore } = await request(n);
    const last = effects.at(-1);
    const where = `before effect ${n}: ${last?.name} ${last?.details.join(' ')}`;
    expect(answer, where).toMatchObject({ id, kind: 'restart', outcome: 'done', by: 'maria' });
    expect(answer.pidAfter, where).not.toBe(pidBefore);
    // The child of a killed agent is ended, and started anew: one start more.
    expect(starts, where).toBeGreaterThanOrEqual(1);
    expect(starts, where).toBeLessThanOrEqual(isKilled ? 2 : 1);
    expect(ctl.answerOf(id), where).toEqual(answer);
    if (typeof n === 'string') expect(isKilled, where).toBe(true);
    if (isKilled && last !== undefined) killed.push(last);
  }
  expect(killed.length).toBeGreaterThan(DECISIVE.length);
});
