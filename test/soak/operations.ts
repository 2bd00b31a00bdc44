/** What happens to a gateway in months, mixed by weight: changes, mistakes, people, and the faults of what is around it. */
import { once } from 'node:events';
import { appendFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import type { Random } from '../e2e/readers/random.ts';
import { BEHAVIOURS, type ScriptedEngine } from '../fakes/scripted-engine.ts';
import { catalog, metaschema } from '../fakes/world-files.ts';
import type { Files } from '../fakes/world-source.ts';
import type { BucketHand } from './bucket-hand.ts';

const STOCK = '{:tables {:stock/id {}} :joins {}}\n';

/** What the measurements are taken with; all releases of it have files of the same sizes. */
export const baseFiles = (release: number): Files => ({
  'catalog/shop.properties': catalog('shop'),
  'datomic/shop.edn': metaschema(`orders_${release}`),
  'datomic/stock.edn': STOCK,
});

export interface Surroundings {
  readonly hand: BucketHand;
  readonly engine: ScriptedEngine;
  readonly random: Random;
  readonly now: () => number;
  readonly proxy: string;
  /** Of the agent's pages. */
  readonly pages: string;
  readonly etc: string;
  readonly requestsDir: string;
}

/** One request without keeping the connection; the body is read and dropped. */
export async function call(method: string, url: string): Promise<number> {
  const sent = request(url, { method, agent: false });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  for await (const _ of answer);
  return answer.statusCode ?? 0;
}

export interface Operations {
  /** Does one, and says which. */
  next(): Promise<string>;
  /** Drops a request into the spool; resolves with its id. */
  ask(kind: string, fields?: object): Promise<string>;
}

export function createOperations(around: Surroundings): Operations {
  const { hand, engine, random, now, etc, requestsDir } = around;
  let files = baseFiles(1);
  let asked = 0;

  const change = (changes: Files) => {
    files = { ...files, ...changes };
    return files;
  };
  const someMetaschema = () => ({ 'datomic/shop.edn': metaschema(`orders_${random.below(20)}`) });
  const someCatalog = () => ({
    'catalog/shop.properties': catalog('shop', ...['billing', 'audit', 'crm'].slice(random.below(4))),
  });

  const ask = async (kind: string, fields: object = {}) => {
    asked += 1;
    const id = `soak-${asked}`;
    const partial = path.join(requestsDir, `.${id}.partial`);
    await writeFile(partial, JSON.stringify({ kind, by: 'maria', reason: 'soak', ...fields }));
    const at = new Date(now());
    await utimes(partial, at, at);
    await rename(partial, path.join(requestsDir, `${id}.json`));
    return id;
  };
  const fault = async (kind: string) => {
    await call('POST', `${around.proxy}/-/fault?kind=${kind}&times=${1 + random.below(12)}`);
  };

  /** Weight, name, deed. */
  const all: readonly (readonly [number, string, () => Promise<unknown>])[] = [
    [6, 'metaschema synced', () => hand.sync(change(someMetaschema()))],
    [3, 'catalog synced', () => hand.sync(change(someCatalog()), ['exposure'])],
    [2, 'comment synced', () => hand.sync({ ...files, 'datomic/stock.edn': `; ${now()}\n${STOCK}` })],
    [2, 'metaschema uploaded', () => hand.upload(change(someMetaschema()))],
    [2, 'bad metaschema synced', () => hand.sync({ ...files, 'datomic/shop.edn': '{:tables {' })],
    [1, 'bad metaschema uploaded', () => hand.upload({ 'datomic/stock.edn': '{:tables }' })],
    [
      2,
      'bad catalog synced',
      () => hand.sync({ ...files, 'catalog/shop.properties': catalog('shop', random.pick(BEHAVIOURS)) }),
    ],
    [1, 'sync interrupted', () => hand.interruptSync({ ...files, ...someMetaschema() })],
    [1, 'directory removed', () => hand.removeDirectory(random.pick(['catalog', 'datomic'] as const))],
    [
      1,
      'exposure widened',
      () => hand.sync({ ...files, 'catalog/more.properties': 'connector.name=datomic\n' }),
    ],
    [2, 'restart asked for', () => ask('restart')],
    [2, 'poll asked for', () => ask('poll')],
    [1, 'retry asked for', () => ask('retry')],
    [1, 'paused', () => ask('pause', { for: '3m' })],
    [1, 'nonsense asked for', () => ask('dance')],
    [3, 'S3 answers 403', () => fault('403')],
    [3, 'S3 answers 500', () => fault('500')],
    [1, 'S3 answers 503', () => fault('503')],
    [3, 'S3 resets connections', () => fault('reset')],
    [3, 'engine killed', async () => engine.die()],
    [2, 'live file edited by hand', () => appendFile(path.join(etc, 'datomic/shop.edn'), '; by hand\n')],
    [1, 'live file removed by hand', () => rm(path.join(etc, 'catalog/shop.properties'), { force: true })],
    [
      2,
      'pages read',
      () =>
        Promise.all(
          ['metrics', 'status', 'readyz', 'none'].map((page) => call('GET', `${around.pages}/${page}`)),
        ),
    ],
  ];
  const total = all.reduce((sum, [weight]) => sum + weight, 0);

  return {
    ask,
    async next() {
      let left = random.below(total);
      for (const [weight, name, deed] of all) {
        left -= weight;
        if (left >= 0) continue;
        await deed();
        return name;
      }
      throw new Error('weights do not add up');
    },
  };
}
