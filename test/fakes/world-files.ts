import type { Files } from './world-source.ts';

/** One catalog with these databases; the engine in memory behaves as the names of `scripted-engine.ts` say. */
export const catalog = (...databases: string[]): string =>
  `connector.name=datomic\ndatomic.databases=[${databases.join(' ')}]\n`;

export const metaschema = (table: string): string =>
  `{:tables {:order/number {:name "${table}"}} :joins {}}\n`;

/** A catalog and a metaschema, and what else is named. */
export const shop = (databases: readonly string[] = ['shop'], extra: Files = {}): Files => ({
  'catalog/shop.properties': catalog(...databases),
  'datomic/shop.edn': metaschema('orders'),
  ...extra,
});
