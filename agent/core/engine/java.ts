import type { EngineProfile } from './profile.ts';

/** A Java that is installed. */
export interface JavaProgram {
  /** Path of the program `java`. */
  readonly program: string;
  /** As its home states it: `17.0.15`, `25`. */
  readonly version: string;
}

/** Newer is greater; `17.0.15` is newer than `17.0.9`. What is no number counts as 0. */
export function compareJavaVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The feature release: 17 of `17.0.15+6`; 0 of what is none. */
export const featureOf = (version: string): number => partsOf(version)[0] ?? 0;

/** Whether the engine is known to run on it. */
export function isFitting({ java }: EngineProfile, { version }: JavaProgram): boolean {
  return compareJavaVersions(version, java.oldest) >= 0 && featureOf(version) <= java.newest;
}

/**
 * The Java to start with, of those that were found: the one that the release was rendered for, since its options
 * were chosen for that; else one of the same feature release; else the newest that fits. Null when none fits.
 */
export function chooseJava(options: {
  readonly profile: EngineProfile;
  readonly found: readonly JavaProgram[];
  /** Version for which the release was rendered; null when that is not known or does not matter. */
  readonly rendered: string | null;
}): JavaProgram | null {
  const { profile, found, rendered } = options;
  const fitting = found
    .filter((java) => isFitting(profile, java))
    .toSorted((a, b) => compareJavaVersions(b.version, a.version));
  if (rendered === null) return fitting[0] ?? null;
  return (
    fitting.find(({ version }) => version === rendered) ??
    fitting.find(({ version }) => featureOf(version) === featureOf(rendered)) ??
    fitting[0] ??
    null
  );
}

/** `Java 11.0.7 to 17`: what the engine is known to run on. */
export function describeNeed({ java }: EngineProfile): string {
  const { oldest, newest } = java;
  if (oldest === String(newest)) return `Java ${newest}`;
  return featureOf(oldest) === newest ? `Java ${newest} (${oldest} or newer)` : `Java ${oldest} to ${newest}`;
}

function partsOf(version: string): readonly number[] {
  return version.split(/[.+_-]/).map((part) => Number.parseInt(part, 10) || 0);
}
