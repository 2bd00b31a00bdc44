import type { EngineIdentity } from './engine/identity.ts';
import { INSTANCE_TYPES, type InstanceType, visibleBytes } from './instance-types.ts';
import { leastSufficientBytes, type MemoryPlan, planMemory } from './sizing.ts';

const GIB = 1024 ** 3;
const gib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;
const familyOf = (name: string) => name.slice(0, name.indexOf('.'));

/** Whether a type has memory enough for that engine. */
export function isTypeSufficient(type: InstanceType, engine: EngineIdentity): boolean {
  const plan = planMemory({ totalBytes: visibleBytes(type), cpus: type.cpus, engine });
  return plan.verdict === 'sufficient';
}

/**
 * The smallest sufficient type of each burstable family; those of the machine's own architecture where its type is
 * known, since an image fits one architecture only.
 */
export function smallestSufficientTypes(
  engine: EngineIdentity,
  instanceType: string | null,
): readonly string[] {
  const family = instanceType === null ? '' : familyOf(instanceType);
  const own = INSTANCE_TYPES.find(({ name }) => familyOf(name) === family)?.architecture ?? null;
  const fitting = INSTANCE_TYPES.filter(
    (type) =>
      type.name.startsWith('t') &&
      (own === null || type.architecture === own) &&
      isTypeSufficient(type, engine),
  );
  const families = [...new Set(fitting.map(({ name }) => familyOf(name)))];
  return families.flatMap((name) => fitting.find((type) => familyOf(type.name) === name)?.name ?? []);
}

/** What condition MemorySufficient says: one sentence for people. */
export function describeMemory(options: {
  readonly plan: MemoryPlan;
  readonly cpus: number;
  readonly engine: EngineIdentity;
  readonly instanceType: string | null;
}): string {
  const { plan, cpus, engine, instanceType } = options;
  if (plan.verdict === 'sufficient') {
    return `a heap of ${gib(plan.heapBytes)} on a machine with ${gib(plan.totalBytes)}`;
  }
  const least = gib(leastSufficientBytes({ cpus, engine }));
  const types = smallestSufficientTypes(engine, instanceType).join(', ');
  return (
    `${gib(plan.totalBytes)} is too little for the analytics process, which needs ${least}: ` +
    `enough are ${types} and larger, and all m and r types; client access works`
  );
}
