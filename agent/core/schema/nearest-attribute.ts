import type { EdnName } from '../edn/node.ts';
import { suggest } from '../gate/suggest.ts';
import type { KnownAttributes } from '../gate/tables.ts';

/**
 * The attribute that was probably meant: one of the same namespace with a similar name, else one of the same name
 * in a similar namespace, else the only one of that name; or null.
 */
export function nearestAttribute({ namespace, name }: EdnName, attributes: KnownAttributes): string | null {
  const namespaces = new Map<string, string[]>();
  for (const attribute of attributes.keys()) {
    const slash = attribute.indexOf('/');
    const [home, own] = [attribute.slice(1, slash), attribute.slice(slash + 1)];
    const members = namespaces.get(home);
    if (members === undefined) namespaces.set(home, [own]);
    else members.push(own);
  }
  const sibling = suggest(name, namespaces.get(namespace ?? '') ?? []);
  if (sibling !== null) return `:${namespace}/${sibling}`;
  const homes = [...namespaces].filter(([, names]) => names.includes(name)).map(([home]) => home);
  const near = suggest(namespace ?? '', homes) ?? (homes.length === 1 ? homes[0] : null);
  return near == null ? null : `:${near}/${name}`;
}

/** The namespace that was probably meant, as a wildcard; or null. */
export function nearestNamespace(namespace: string, attributes: KnownAttributes): string | null {
  const homes = new Set(
    [...attributes.keys()].map((attribute) => attribute.slice(1, attribute.indexOf('/'))),
  );
  const near = suggest(namespace, [...homes]);
  return near === null ? null : `:${near}/*`;
}
