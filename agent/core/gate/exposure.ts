import type { SourceFile } from '../types.ts';
import { type Catalog, catalogNameOf, clientValue, readCatalog } from './catalog.ts';

/** A catalog that would show more than before. */
export interface Widened {
  readonly path: string;
  readonly reason: string;
}

const ENDPOINT = ':endpoint';
const SERVER_TYPE = ':server-type';

const isCatalog = ({ path }: SourceFile): boolean =>
  path.startsWith('catalog/') && path.endsWith('.properties');

function compare(before: Catalog | undefined, after: Catalog): string | null {
  if (after.connector !== 'datomic') return null;
  if (before === undefined || before.connector !== 'datomic') {
    return after.databases === null ? 'is new and lists no databases: every database would be visible' : null;
  }
  if (before.databases !== null && after.databases === null) {
    return 'no longer lists its databases: every database would be visible';
  }
  for (const keyword of [ENDPOINT, SERVER_TYPE]) {
    // One that appears or goes also leads elsewhere. The value may be private: it is not named.
    if (clientValue(before, keyword) !== clientValue(after, keyword)) {
      return `${keyword} of its client map changed: it would show what lies elsewhere`;
    }
  }
  return null;
}

/**
 * Catalogs of `after` that would show more than `before`, compared by name on the source's own text: from a list to
 * everything, a new catalog without a list, another endpoint or server type. In path order.
 */
export function widenedExposure(
  before: readonly SourceFile[],
  after: readonly SourceFile[],
): readonly Widened[] {
  const known = new Map(
    before.filter(isCatalog).map(({ path, bytes }) => [catalogNameOf(path), readCatalog(bytes)] as const),
  );
  return after.filter(isCatalog).flatMap(({ path, bytes }) => {
    const reason = compare(known.get(catalogNameOf(path)), readCatalog(bytes));
    return reason === null ? [] : [{ path, reason }];
  });
}
