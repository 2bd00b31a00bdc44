/** What this process and its directories hold right now. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';

export interface Sample {
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly residentBytes: number;
  readonly descriptors: number;
  /** By what they lead to, to say which. */
  readonly descriptorKinds: Readonly<Record<string, number>>;
  readonly children: number;
  /** Of `process.getActiveResourcesInfo()`: timers, sockets, watches. */
  readonly resources: number;
  readonly resourceKinds: Readonly<Record<string, number>>;
  readonly releases: number;
  /** Without releases, answers and history, which have bounds of their own. */
  readonly stateFiles: number;
  readonly stateBytes: number;
  readonly answers: number;
  readonly historyBytes: number;
  readonly liveFiles: number;
  readonly bucketObjects: number;
  readonly bucketBytes: number;
}

const count = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

/** Without the one that reading this directory takes. */
function listDescriptors(): string[] {
  const names = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return null;
    }
  });
  return names.filter((name) => name !== null).map((name) => name.replace(/\d+/g, '#'));
}

const countChildren = (): number =>
  readdirSync('/proc/self/task')
    .map((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8'))
    .join(' ')
    .split(/\s+/)
    .filter((pid) => pid !== '').length;

function measureDirectory(directory: string, isCounted: (file: string) => boolean) {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .filter(isCounted);
  const bytes = files.reduce((sum, file) => sum + statSync(path.join(directory, file)).size, 0);
  return { files: files.length, bytes };
}

/** Collects until nothing more is freed: finalizers free what the next collection then finds. */
async function collectGarbage(): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('node --expose-gc is needed');
  for (let round = 0; round < 8; round += 1) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export async function takeSample(options: {
  readonly state: string;
  readonly etc: string;
  readonly bucket: { readonly objects: number; readonly bytes: number };
}): Promise<Sample> {
  const { state, etc, bucket } = options;
  await collectGarbage();
  const memory = process.memoryUsage();
  const descriptorKinds = count(listDescriptors());
  const resourceKinds = count(process.getActiveResourcesInfo());
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, one) => all + one, 0);
  const kept = measureDirectory(state, (file) => !/^(store\/releases\/|answers\/|history\.jsonl)/.test(file));
  return {
    heapBytes: memory.heapUsed,
    externalBytes: memory.external,
    residentBytes: memory.rss,
    descriptors: sum(descriptorKinds),
    descriptorKinds,
    children: countChildren(),
    resources: sum(resourceKinds),
    resourceKinds,
    releases: readdirSync(path.join(state, 'store/releases')).length,
    stateFiles: kept.files,
    stateBytes: kept.bytes,
    answers: measureDirectory(state, (file) => file.startsWith('answers/')).files,
    historyBytes: measureDirectory(state, (file) => file.startsWith('history.jsonl')).bytes,
    liveFiles: measureDirectory(etc, () => true).files,
    bucketObjects: bucket.objects,
    bucketBytes: bucket.bytes,
  };
}
