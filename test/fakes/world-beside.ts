import { createBaselineKeeper } from '../../agent/app/baseline-keeper.ts';
import type { Beside, BesideNeeds, GatewayPorts } from '../../agent/app/gateway-ports.ts';
import { createInheritance, NO_INHERITANCE } from '../../agent/app/inheritance.ts';
import type { BucketMemory } from '../../agent/ports.ts';
import type { Settings } from '../../agent/settings.ts';

const NOTHING: Beside = {
  inheritance: NO_INHERITANCE,
  runners: [],
  sinks: [],
  troubles: () => [],
  note: () => undefined,
};

/** What runs beside the cycle: the gateway's memory in the bucket, where there is one, and nothing else. */
export const worldBeside =
  (bucket: BucketMemory | null, settings: Settings, ports: () => GatewayPorts) =>
  (needs: BesideNeeds): Beside => {
    if (bucket === null) return NOTHING;
    const base = { ...ports(), ...needs, bucket };
    const inheritance =
      needs.memory.proven === null
        ? createInheritance({
            ...base,
            connectors: settings.gate.connectors,
            group: settings.source.group,
          })
        : NO_INHERITANCE;
    const keeper = createBaselineKeeper({
      ...base,
      by: async () => ({ instance: 'i-1', agent: 'test' }),
      mayWrite: inheritance.isKnown,
    });
    return {
      ...NOTHING,
      inheritance,
      runners: [inheritance, keeper],
      troubles: () => [inheritance.trouble(), keeper.trouble()].filter((one) => one !== null),
      note: (memory) => {
        if (memory !== null) keeper.offer(memory);
      },
    };
  };
