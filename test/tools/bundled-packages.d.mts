export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly text: string;
}
export function readBundledPackages(
  root: string,
  metafiles: readonly { readonly inputs: Readonly<Record<string, object>> }[],
): Promise<BundledPackage[]>;
