import type { BundledPackage } from './bundled-packages.mjs';
export function makeSbom(of: {
  readonly root: string;
  readonly version: string;
  readonly packages: readonly BundledPackage[];
  readonly programs: readonly string[];
}): Promise<object>;
