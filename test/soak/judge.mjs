// What may have grown between the sample after the warm-up and the last one. Pure.

const MIB = 1024 ** 2;

export const LIMITS = {
  heapGrowthBytes: MIB,
  residentGrowthRatio: 0.1,
  /** A connection that is being closed, a timer that is due. */
  handles: 3,
  stateBytes: 4 * 1024,
  bucketBytes: 4 * 1024,
  /** The last five, and those that are desired, live, proven or intended. */
  releases: 9,
  answers: 1_000,
  /** Two files of a mebibyte, each over by its last line. */
  historyBytes: 2 * MIB + 16 * 1024,
};

/** One sentence for each that grew; empty when nothing did. */
export function judgeSoak(samples, limits = LIMITS) {
  const bounds = { ...LIMITS, ...limits };
  const [first, last] = [samples.at(0)?.sample, samples.at(-1)?.sample];
  if (first === undefined || samples.length < 2) return ['nothing was measured'];
  const faults = [];
  const atMost = (what, before, after, most) => {
    if (!(after <= most)) faults.push(`${what}: ${before} before, ${after} after, at most ${most} allowed`);
  };
  const grown = (name, by) => atMost(name, first[name], last[name], first[name] + by);
  grown('heapBytes', bounds.heapGrowthBytes);
  grown('externalBytes', bounds.heapGrowthBytes);
  grown('residentBytes', first.residentBytes * bounds.residentGrowthRatio);
  grown('descriptors', bounds.handles);
  grown('resources', bounds.handles);
  grown('children', 0);
  grown('stateFiles', 0);
  grown('stateBytes', bounds.stateBytes);
  grown('liveFiles', 0);
  grown('bucketObjects', 0);
  grown('bucketBytes', bounds.bucketBytes);
  atMost('releases', first.releases, last.releases, bounds.releases);
  atMost('answers', first.answers, last.answers, bounds.answers);
  atMost('historyBytes', first.historyBytes, last.historyBytes, bounds.historyBytes);
  return faults;
}
