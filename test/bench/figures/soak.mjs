// The whole soak, by the program that CI runs in its bounded form: what the agent holds after the warm-up and at the end.

import { LIMITS } from '../../soak/judge.mjs';
import { pickSeed, runSoak, WHOLE } from '../../soak/run.mjs';
import { SOAK_CYCLES } from '../settings.mjs';
import { round } from '../statistics.mjs';

const MIB = 1024 ** 2;

function showProgress({ cycles, sample }) {
  if (sample === undefined) return;
  const [heap, resident] = [sample.heapBytes, sample.residentBytes].map((bytes) => round(bytes / MIB));
  process.stdout.write(`  after ${cycles} cycles: heap ${heap} MiB, resident ${resident} MiB\n`);
}

export async function measureSoak() {
  const form = { ...WHOLE, cycles: SOAK_CYCLES };
  const seed = pickSeed();
  const { samples, faults, seconds } = await runSoak({ ...form, seed, onMark: showProgress });
  const [first, last] = [samples.at(0), samples.at(-1)];
  const row = (what, name, limit, by = 1) => {
    const [before, after] = [first, last].map(({ sample }) => round(sample[name] / by));
    const fault = faults.find((each) => each.startsWith(`${name}:`));
    const missedBy = fault === undefined ? {} : { missedBy: `${after - before}`, why: fault };
    return { what, measured: `${before}, then ${after}`, limit, isMet: fault === undefined, ...missedBy };
  };
  const changes = Object.values(last.operations).reduce((sum, count) => sum + count, 0);
  return {
    title: 'Soak',
    rows: [
      { what: 'cycles', measured: last.cycles },
      { what: 'of them after something was asked of S3', measured: last.cyclesWithS3 },
      { what: 'changes, faults and requests mixed in', measured: changes },
      { what: "hours of the agent's clock", measured: last.virtualHours },
      { what: 'minutes that it took', measured: Math.round(seconds / 60) },
      row(
        `heap after forced collection, after ${first.cycles} cycles and at the end, MiB`,
        'heapBytes',
        `+ ${LIMITS.heapGrowthBytes / MIB}`,
        MIB,
      ),
      row('resident memory, MiB', 'residentBytes', `+ ${LIMITS.residentGrowthRatio * 100} %`, MIB),
      row('descriptors', 'descriptors', `+ ${LIMITS.handles}`),
      row('timers, sockets, watches', 'resources', `+ ${LIMITS.handles}`),
      row('child processes', 'children', '+ 0'),
      row('releases kept', 'releases', `at most ${LIMITS.releases}`),
      row('answers kept', 'answers', `at most ${LIMITS.answers}`),
      row('history, KiB', 'historyBytes', `at most ${LIMITS.historyBytes / 1024}`, 1024),
      row('other files in the state directory', 'stateFiles', '+ 0'),
      row('their KiB', 'stateBytes', `+ ${LIMITS.stateBytes / 1024}`, 1024),
      row("objects in the bucket's own prefix", 'bucketObjects', '+ 0'),
      row('their KiB', 'bucketBytes', `+ ${LIMITS.bucketBytes / 1024}`, 1024),
    ],
    method: `The real application over its real adapters in one process, with the flags of the agent and \`--expose-gc\`: files, the S3 client with moto behind a proxy that answers 403, 500, 503 and resets, the HTTP pages, the log. Clock and analytics process are doubles in that process; the clock advances when everything sleeps, so cycles come as fast as their work is done. To be through in minutes the agent polls every 20 s of its own time instead of every 2 s. Mixed in at random (SEED=${seed}): syncs with and without manifest, catalog changes, broken and refused configurations, interrupted syncs, vanished directories, requests, pauses, hand edits, deaths of the engine. Each sample is taken at rest, in the same configuration; ${form.answers} requests at the beginning fill the answers to their bound.`,
    raw: samples.map(({ cycles, sample }) => ({ cycles, ...sample })),
  };
}
