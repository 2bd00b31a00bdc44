import { canonicalEdn } from '../edn/canonical.ts';
import { type EdnMap, type EdnName, type EdnNode, type EdnSpan, lookUp } from '../edn/node.ts';

/** What one map, or the list forms about one entity, say about it. */
export interface Assertions {
  /** The ident under which the entity was addressed (`:db/id :artist/gid`); null when it was not. */
  readonly addressed: EdnName | null;
  readonly ident: EdnName | null;
  readonly valueType: EdnNode | null;
  readonly cardinality: EdnNode | null;
  /** The first form that speaks of it. */
  readonly at: EdnSpan;
}

type Said = Pick<Assertions, 'ident' | 'valueType' | 'cardinality'>;

const FIELDS: Readonly<Record<string, keyof Said>> = {
  ':db/ident': 'ident',
  ':db/valueType': 'valueType',
  ':db/cardinality': 'cardinality',
};

/**
 * Finds the assertions about idents, types and cardinalities wherever they stand: transactions alone or in maps
 * (`{:schema […]}`, `{:norm {:txes [[…]]}}`), map forms, list forms, and what `pull` printed. In the order of the
 * text. The nesting is bounded by the reader.
 */
export function collectAssertions(forms: readonly EdnNode[]): readonly Assertions[] {
  const found = new Map<string, Assertions>();
  let scopes = 0;
  let anonymous = 0;

  const say = (entity: EdnNode | null, said: Partial<Said>, at: EdnSpan, scope: number): void => {
    const key = keyOf(entity, scope) ?? `anonymous ${anonymous++}`;
    const before = found.get(key);
    const addressed = entity?.kind === 'keyword' ? entity : null;
    found.set(key, { ...(before ?? { ...NOTHING, addressed, at }), ...said });
  };

  const visit = (node: EdnNode, scope: number): void => {
    switch (node.kind) {
      case 'map':
        sayMap(node, scope);
        for (const { value } of node.entries) visit(value, scope);
        return;
      case 'vector':
      case 'list':
        if (!sayList(node.items, scope)) {
          scopes++;
          for (const item of node.items) visit(item, scopes);
        }
        return;
      case 'set':
        for (const item of node.items) visit(item, scope);
        return;
      case 'tagged':
        visit(node.value, scope);
        return;
      default:
    }
  };

  const sayMap = (map: EdnMap, scope: number): void => {
    const ident = nameOf(lookUp(map, ':db/ident'));
    const valueType = lookUp(map, ':db/valueType');
    const cardinality = lookUp(map, ':db/cardinality');
    if (ident === null && valueType === null && cardinality === null) return;
    const said = {
      ...(ident === null ? {} : { ident }),
      ...(valueType === null ? {} : { valueType }),
      ...(cardinality === null ? {} : { cardinality }),
    };
    say(lookUp(map, ':db/id'), said, map, scope);
  };

  const sayList = (items: readonly EdnNode[], scope: number): boolean => {
    const [operation, entity, attribute, value] = items;
    if (operation?.kind !== 'keyword' || operation.text !== ':db/add') return false;
    const field = attribute?.kind === 'keyword' ? FIELDS[attribute.text] : undefined;
    if (entity === undefined || value === undefined || field === undefined) return true;
    if (field !== 'ident') say(entity, { [field]: value }, operation, scope);
    else {
      const ident = nameOf(value);
      if (ident !== null) say(entity, { ident }, operation, scope);
    }
    return true;
  };

  for (const form of forms) visit(form, 0);
  return [...found.values()];
}

const NOTHING = { ident: null, valueType: null, cardinality: null } as const;

const nameOf = (node: EdnNode | null): EdnName | null => (node?.kind === 'keyword' ? node : null);

/**
 * Equal for forms about one entity; null for one that is spoken of only here. Temporary ids (`"gid"`, `-1`,
 * `#db/id[:db.part/db -1]`) hold within their transaction, `#db/id[:db.part/db]` is a new one each time.
 */
function keyOf(entity: EdnNode | null, scope: number): string | null {
  if (entity === null) return null;
  if (entity.kind !== 'tagged') {
    const isLasting = entity.kind === 'integer' && !entity.text.startsWith('-');
    // Each address by ident is an assertion of its own: `:db/ident` in it renames.
    if (entity.kind === 'keyword') return null;
    return `${isLasting ? 'entity' : scope} ${canonicalEdn(entity)}`;
  }
  const isNumbered = entity.value.kind === 'vector' && entity.value.items.length > 1;
  return isNumbered ? `${scope} ${canonicalEdn(entity)}` : null;
}
