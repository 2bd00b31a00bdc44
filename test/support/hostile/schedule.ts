/** Random schedules: people and pipelines that write to the source, some of them badly, while S3 and the network fail. */
import { sha256 } from '../../../agent/adapters/sha256.ts';
import { printManifest } from '../../../agent/core/manifest.ts';
import { makeManifest } from '../manifest.ts';
import { sourceFiles } from '../releases.ts';
import type { Random } from './random.ts';

export type Files = Readonly<Record<string, string>>;

export type Place = 'all' | 'list' | 'read' | 'manifest';

/** What goes wrong, for how long, and with which of the calls that it can meet. */
export interface Trouble {
  readonly kind:
    | 'unreachable'
    | 'throttled'
    | 'denied'
    | 'missing'
    | 'torn'
    /** Listings older than the objects, by at most the journal's `staleMs`. */
    | 'stale'
    /** The call takes its time, and the world goes on. */
    | 'slow'
    /** The next steps of whoever writes happen in the middle of calls. */
    | 'interleaved';
  readonly on: Place;
  readonly rate: number;
  /** Which of the ways in which this can happen. */
  readonly variant: number;
  readonly forMs: number;
}

export type Step =
  | { readonly kind: 'put'; readonly group: string; readonly path: string; readonly text: string }
  | { readonly kind: 'remove'; readonly group: string; readonly path: string }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'trouble'; readonly trouble: Trouble };

const SECOND = 1_000;
const MANIFEST = 'manifest.json';
/** Any moment after 2000 will do. */
const AT = 1_750_000_000_000;

export const pendingText = (id: number): string =>
  printManifest({ kind: 'pending', id: `sync-${id}`, by: 'ci', at: AT + id });

export const finalText = (files: Files, id: number): string =>
  printManifest(
    makeManifest({
      files: sourceFiles(files),
      sha256,
      by: 'ci',
      at: AT + id,
      allow: ['deletion', 'exposure'],
    }),
  );

/** Writes schedules. What lies in the bucket is remembered from one to the next. */
export function createScheduler(
  random: Random,
  options: { readonly groups: readonly [string, ...string[]] },
) {
  const held = new Map<string, Map<string, string>>();
  const wished = new Map<string, Files>();
  let serial = 0;

  const of = (group: string) => {
    const found = held.get(group) ?? new Map<string, string>();
    held.set(group, found);
    return found;
  };
  const put = (group: string, path: string, text: string): Step => {
    of(group).set(path, text);
    return { kind: 'put', group, path, text };
  };
  const remove = (group: string, path: string): Step => {
    of(group).delete(path);
    return { kind: 'remove', group, path };
  };
  const gap = (): Step[] => (random.chance(0.4) ? [{ kind: 'pass', ms: random.between(1, 4 * SECOND) }] : []);

  /** What somebody wants to be live next. */
  const wish = (group: string): Files => {
    serial += 1;
    const before = wished.get(group) ?? {};
    const files: Record<string, string> = {
      'catalog/shop.properties': `connector.name=datomic\ndatomic.databases=[shop]\n`,
      ...before,
    };
    const metaschema = `{:tables {:t${serial}/id {}}\n :joins {}}\n`;
    const name = `datomic/m${random.between(1, 4)}.edn`;
    switch (random.between(0, 9)) {
      case 0:
        files['catalog/shop.properties'] = `connector.name=datomic\ndatomic.databases=[shop db${serial}]\n`;
        break;
      case 1:
        files['catalog/shop.properties'] = `# ${serial}\n${files['catalog/shop.properties'] ?? ''}`;
        break;
      case 2:
        delete files[name];
        break;
      case 3:
        for (const path of Object.keys(files)) if (path.startsWith('datomic/')) delete files[path];
        break;
      case 4:
        // Nobody's gate lets this pass.
        files[name] = `{:tables {:t${serial}/id {}\n`;
        break;
      default:
        files[name] = metaschema;
    }
    if (files[name]?.includes('\n :joins') !== true && random.chance(0.7)) files[name] = metaschema;
    wished.set(group, files);
    return files;
  };

  const transfer = (group: string, files: Files, isDeleting: boolean): Step[] => {
    const puts = Object.entries(files).filter(([path, text]) => of(group).get(path) !== text);
    const gone = [...of(group).keys()].filter(
      (path) => isDeleting && files[path] === undefined && path !== MANIFEST,
    );
    return [
      ...puts.flatMap(([path, text]) => [put(group, path, text), ...gap()]),
      ...gone.flatMap((path) => [remove(group, path), ...gap()]),
    ];
  };

  /** Some steps, or all but for the last ones: whoever did this is gone. */
  const tear = (steps: () => Step[], group: string): Step[] => {
    const before = new Map(of(group));
    const all = steps();
    if (!random.chance(0.3)) return all;
    const done = all.slice(0, random.between(0, Math.max(0, all.length - 1)));
    held.set(group, before);
    for (const step of done) {
      if (step.kind === 'put') of(group).set(step.path, step.text);
      if (step.kind === 'remove') of(group).delete(step.path);
    }
    return done;
  };

  /** As `gatewayctl analytics sync` does it. */
  const sync = (group: string): Step[] => {
    const files = wish(group);
    return tear(() => {
      serial += 1;
      return [
        put(group, MANIFEST, pendingText(serial)),
        ...gap(),
        ...transfer(group, files, true),
        put(group, MANIFEST, finalText(files, serial)),
      ];
    }, group);
  };

  /** As the original CLI or `aws s3 sync` do it, which know nothing of manifests. */
  const upload = (group: string): Step[] => {
    const files = wish(group);
    const isDeleting = random.chance(0.6);
    return tear(() => {
      const steps = transfer(group, files, isDeleting);
      const hasManifest = isDeleting && random.chance(0.3) && of(group).has(MANIFEST);
      return hasManifest ? [...steps, remove(group, MANIFEST)] : steps;
    }, group);
  };

  const write = (): Step[] => {
    const group = random.chance(0.85) ? options.groups[0] : random.pick(options.groups);
    if (random.chance(0.08)) return [put(group, `datomic/views/v${random.between(1, 3)}.edn`, `${serial}`)];
    if (random.chance(0.05) && of(group).has(MANIFEST)) return [remove(group, MANIFEST)];
    return random.chance(0.6) ? sync(group) : upload(group);
  };

  const trouble = (): Step => {
    const kind = random.pick<Trouble['kind']>([
      'unreachable',
      'throttled',
      'denied',
      'missing',
      'torn',
      'torn',
      'stale',
      'slow',
      'slow',
      'interleaved',
      'interleaved',
    ]);
    return {
      kind: 'trouble',
      trouble: {
        kind,
        // Slow reads leave the most time for what a reader must see.
        on: kind === 'slow' ? 'read' : random.pick<Place>(['all', 'list', 'read', 'manifest']),
        rate: random.pick([1, 0.7, 0.3]),
        variant: random.between(0, 1_000),
        forMs: random.between(1, 40) * SECOND,
      },
    };
  };

  return {
    schedule(): Step[] {
      const steps: Step[] = [];
      for (let turn = random.between(3, 7); turn > 0; turn -= 1) {
        if (random.chance(0.7)) steps.push(trouble());
        steps.push(...write());
        steps.push({ kind: 'pass', ms: random.pick([0, 500, 3 * SECOND, 10 * SECOND, 45 * SECOND]) });
      }
      return steps;
    },
    /** One last sync of a good configuration, whole and undisturbed; and what it holds. */
    last(): { readonly group: string; readonly steps: Step[]; readonly files: Files } {
      const group = options.groups[0];
      serial += 1;
      const files: Files = {
        'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop last]\n',
        'datomic/last.edn': `{:tables {:last${serial}/id {}}\n :joins {}}\n`,
      };
      const steps = [
        put(group, MANIFEST, pendingText(serial)),
        ...transfer(group, files, true).filter(({ kind }) => kind !== 'pass'),
        put(group, MANIFEST, finalText(files, serial)),
      ];
      return { group, steps, files };
    },
  };
}
