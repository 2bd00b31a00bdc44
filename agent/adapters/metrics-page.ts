import { Counter, Gauge, Registry } from 'prom-client';
import { METRICS_TABLE, sampleMetrics, type Vitals } from '../core/metrics.ts';
import type { Status } from '../core/status.ts';

/** The text of `/metrics`. Everything is read when it is asked for: nothing is kept between two scrapes. */
export function createMetricsPage(): {
  readonly contentType: string;
  render(status: Status | null, vitals: Vitals): Promise<string>;
} {
  const registry = new Registry();
  const options = { registers: [registry] };
  const made = new Map(
    METRICS_TABLE.map(({ name, type, help, labels }) => {
      const configuration = { ...options, name, help, labelNames: [...labels] };
      return [name, type === 'counter' ? new Counter(configuration) : new Gauge(configuration)] as const;
    }),
  );
  return {
    contentType: registry.contentType,
    async render(status, vitals) {
      registry.resetMetrics();
      for (const { name, samples } of sampleMetrics(status, vitals)) {
        const metric = made.get(name);
        // A metric without labels stands at 0 after a reset; one that has nothing to say is taken away.
        if (samples.length === 0) metric?.remove({});
        for (const { labels, value } of samples) metric?.inc({ ...labels }, value);
      }
      return registry.metrics();
    },
  };
}
