// From the decision to restart a real engine to the first table that a client can read, against a shell script that
// stops and starts the same engine.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createAgentEngine, createPeerEngine, setUpEngine } from '../engines.mjs';
import { judge } from '../judge.mjs';
import { scanThrough, waitForScans } from '../scan-client.mjs';
import { RESTARTS } from '../settings.mjs';
import { describeSpread, median, round } from '../statistics.mjs';

const LABELS = { presto: 'PrestoSQL 350', trino: 'Trino 476' };
const LIMITS = { presto: { cold: 1.05, warm: 0.75 }, trino: null };
/** Without what makes a start warm. */
const COLD = { GATEWAY_PLUGINS: '["*"]' };

/** Samples of earlier runs, so that a long measurement can be made in slices. */
function loadSamples(name) {
  const file = process.env.BENCH_SAMPLES;
  const all = file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const samples = all[name] ?? { peer: [], cold: [], warm: [] };
  return {
    samples,
    save: () => file !== undefined && writeFileSync(file, JSON.stringify({ ...all, [name]: samples })),
  };
}

async function collect(name, { samples, save }) {
  const engine = setUpEngine(name);
  const contestants = {};
  try {
    contestants.cold = await createAgentEngine({ ...engine, env: COLD });
    contestants.warm = await createAgentEngine({ ...engine, home: engine.warmHome });
    contestants.peer = await createPeerEngine({ ...engine, likeEtc: contestants.cold.etc });
    await waitForScans(contestants.peer.url);
    const order = ['peer', 'cold', 'warm'];
    while (samples.peer.length < RESTARTS[name]) {
      const taken = {};
      for (const who of order) {
        const { url, restart } = contestants[who];
        const sample = await scanThrough(url, restart);
        const said = await contestants[who].settle();
        taken[who] = { ...sample, stopMs: said?.stopMs ?? null, startMs: said?.startMs ?? null };
      }
      // A round counts as a whole; the next one begins with another.
      for (const who of Object.keys(taken)) samples[who].push(taken[who]);
      save();
      order.push(order.shift());
    }
  } finally {
    for (const contestant of Object.values(contestants)) await contestant.stop();
    engine.dispose();
  }
}

const seconds = (values) =>
  describeSpread(
    values.map((value) => value / 1_000),
    1,
  );

export async function measureEngineRestart(name) {
  const kept = loadSamples(name);
  await collect(name, kept);
  const { samples } = kept;
  const of = (who, field) => samples[who].map((sample) => sample[field]);
  const ratio = (who) =>
    round(median(of(who, 'toAnswerMs').map((value, index) => value / samples.peer[index].toAnswerMs)));
  const limits = LIMITS[name];
  const judged = (who, what) =>
    limits === null ? { what, measured: ratio(who) } : judge({ what, value: ratio(who), limit: limits[who] });
  return {
    title: `Restart of ${LABELS[name]}`,
    rows: [
      { what: 'shell script, to the first scan answered, s', measured: seconds(of('peer', 'toAnswerMs')) },
      { what: 'agent without warm start, s', measured: seconds(of('cold', 'toAnswerMs')) },
      judged('cold', 'without warm start, to the shell script'),
      { what: 'agent with warm start, s', measured: seconds(of('warm', 'toAnswerMs')) },
      judged('warm', 'with warm start, to the shell script'),
      { what: 'client without answers, shell script, s', measured: seconds(of('peer', 'gapMs')) },
      {
        what: 'client without answers at a catalog change, cold, s',
        measured: seconds(of('cold', 'gapMs')),
      },
      {
        what: 'client without answers at a catalog change, warm, s',
        measured: seconds(of('warm', 'gapMs')),
      },
      { what: 'of that, until the old process is gone, s', measured: seconds(of('warm', 'stopMs')) },
    ],
    method: `${samples.peer.length} interleaved rounds, the order turned each time; the ratio is the median of those of the rounds. One client, the same for all, reads a table 100 ms after each answer or refusal, all the time. The shell script sends TERM, waits until the process is gone and starts the whole distribution by \`java\` (\`test/bench/peers/restart-engine.sh\`), with the same options of the JVM; its decision is its start. The agent restarts because a catalog changed; its decision is the restart in its history. Cold: all plugins, no archive of classes; the grace after TERM is 500 ms here too. Warm: the plugins of the connectors alone, and what \`gatewayctl engine train\` made.`,
  };
}
