/**
 * The instance types that a gateway can be given: the one table of them. The stack's allowed values are compared
 * with it, and a machine that is too small names what would do from it.
 *
 * Memory, processors and architecture are those of the EC2 API (`DescribeInstanceTypes`), as of 2026; a test compares
 * each row with the copy of its answers that moto carries. Burstable types of t3, t3a and t4g, general (m) and memory
 * (r) types of the sixth generation and later, without local disks or extra network; to 8xlarge, since one coordinator
 * does not get faster beyond.
 */
export interface InstanceType {
  readonly name: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly cpus: number;
  /** As Amazon states it; the kernel keeps a part for itself. */
  readonly memoryBytes: number;
}

const MIB = 1024 ** 2;
const GIB = 1024 * MIB;

type Architecture = InstanceType['architecture'];

/** Size, processors, GiB. */
type Size = readonly [string, number, number];

const BURSTABLE: readonly Size[] = [
  ['nano', 2, 0.5],
  ['micro', 2, 1],
  ['small', 2, 2],
  ['medium', 2, 4],
  ['large', 2, 8],
  ['xlarge', 4, 16],
  ['2xlarge', 8, 32],
];

/** From `large` on each size doubles the one before. */
const sizesOf = (gibPerCpu: number, hasMedium: boolean): readonly Size[] => [
  ...(hasMedium ? [['medium', 1, gibPerCpu] as const] : []),
  ...(['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge'] as const).map(
    (size, index) => [size, 2 * 2 ** index, 2 * gibPerCpu * 2 ** index] as const,
  ),
];

const BURSTABLE_FAMILIES: readonly (readonly [string, Architecture])[] = [
  ['t3', 'x86_64'],
  ['t3a', 'x86_64'],
  ['t4g', 'arm64'],
];

/** What comes after `m` and `r`, and whether there is a `medium`. */
const GENERATIONS: readonly (readonly [string, Architecture, boolean])[] = [
  ['6a', 'x86_64', false],
  ['6i', 'x86_64', false],
  ['6g', 'arm64', true],
  ['7a', 'x86_64', true],
  ['7i', 'x86_64', false],
  ['7g', 'arm64', true],
  ['8a', 'x86_64', true],
  ['8i', 'x86_64', false],
  ['8g', 'arm64', true],
];

const make = (family: string, architecture: Architecture, sizes: readonly Size[]): readonly InstanceType[] =>
  sizes.map(([size, cpus, gib]) => ({
    name: `${family}.${size}`,
    architecture,
    cpus,
    memoryBytes: gib * GIB,
  }));

export const INSTANCE_TYPES: readonly InstanceType[] = [
  ...BURSTABLE_FAMILIES.flatMap(([family, architecture]) => make(family, architecture, BURSTABLE)),
  ...GENERATIONS.flatMap(([rest, architecture, hasMedium]) =>
    make(`m${rest}`, architecture, sizesOf(4, hasMedium)),
  ),
  ...GENERATIONS.flatMap(([rest, architecture, hasMedium]) =>
    make(`r${rest}`, architecture, sizesOf(8, hasMedium)),
  ),
];

/**
 * What the kernel of such a machine counts, at the least: 64 bytes for each page of 4 KiB are gone before it counts,
 * and firmware, kernel and its first tables. 2 GiB show as 1.89 GiB, 8 GiB as 7.74 GiB.
 */
export function visibleBytes({ memoryBytes }: InstanceType): number {
  return Math.max(0, Math.floor(memoryBytes * 0.975) - 64 * MIB);
}
