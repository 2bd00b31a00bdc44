import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Entry {
  readonly version: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const LOCK: { packages: Readonly<Record<string, Entry>> } = JSON.parse(
  readFileSync('package-lock.json', 'utf8'),
);

it('names the packages of all platforms, or npm ci refuses the lock file everywhere', () => {
  // npm writes a lock file without the entries that its registry did not have, and does not say so.
  const missing = Object.entries(LOCK.packages)
    .flatMap(([at, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).map((name) => [`${at}/node_modules/${name}`, `node_modules/${name}`]),
    )
    .filter((places) => places.every((place) => LOCK.packages[place] === undefined));
  expect(missing).toEqual([]);
});

it('carries no download addresses: each machine uses its own registry', () => {
  const resolved = Object.values(LOCK.packages).filter(
    (entry) => entry.resolved?.startsWith('http') === true,
  );
  expect(resolved).toEqual([]);
});
