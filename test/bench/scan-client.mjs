// A client that reads a table again and again, 100 ms after each answer.

import { setTimeout as sleep } from 'node:timers/promises';
import { runSql } from '../run/sql.mjs';

const PAUSE_MS = 100;
const SCAN_TIMEOUT_MS = 60_000;
const RESTART_TIMEOUT_MS = 180_000;
/** Before and after a restart: PrestoSQL dies at once of TERM until it has run queries. */
const QUIET_SCANS = 5;
const SCAN = 'SELECT count(*) FROM tpch.tiny.nation';

/** Whether the scan was answered. What it is refused with does not matter: a client has no rows. */
async function scan(url) {
  try {
    await runSql(url, SCAN, { signal: AbortSignal.timeout(SCAN_TIMEOUT_MS) });
    return true;
  } catch {
    return false;
  }
}

/** Resolves when so many scans in a row were answered. */
export async function waitForScans(url, times = QUIET_SCANS) {
  const until = Date.now() + RESTART_TIMEOUT_MS;
  for (let answered = 0; answered < times; ) {
    answered = (await scan(url)) ? answered + 1 : 0;
    if (Date.now() > until) throw new Error(`no scan is answered at ${url}`);
    await sleep(PAUSE_MS);
  }
}

/**
 * Scans through one restart. `restart` begins it and resolves with the time of the decision. Resolves with the time
 * from there to the first answer after it, and the longest time between two answers.
 */
export async function scanThrough(url, restart) {
  await waitForScans(url);
  let lastAnswerAt = Date.now();
  let hasFailed = false;
  const decided = restart();
  const until = Date.now() + RESTART_TIMEOUT_MS;
  for (;;) {
    const isAnswered = await scan(url);
    const now = Date.now();
    if (isAnswered && hasFailed) {
      const decidedAt = await decided;
      await waitForScans(url);
      return { toAnswerMs: now - decidedAt, gapMs: now - lastAnswerAt };
    }
    if (isAnswered) lastAnswerAt = now;
    else hasFailed = true;
    if (now > until) throw new Error(`no scan is answered at ${url} after a restart`);
    await sleep(PAUSE_MS);
  }
}
