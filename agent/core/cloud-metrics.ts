/** The few metrics that go to CloudWatch, for alarms: nobody scrapes a loopback on a bastion. */
import type { Status } from './status.ts';

export const CLOUD_NAMESPACE = 'DatomicGateway';

export interface CloudMetric {
  readonly name: 'Healthy' | 'Proven' | 'RefusedOrHeld' | 'Restarts' | 'MemoryAvailable';
  readonly unit: 'Count' | 'Bytes';
  readonly value: number;
}

export interface CloudReport {
  readonly system: string;
  readonly metrics: readonly CloudMetric[];
}

const isTrue = ({ conditions }: Status, type: string): number =>
  conditions.some((condition) => condition.type === type && condition.status === 'True') ? 1 : 0;

/** `Restarts` counts since `restartsBefore`, the number that was last sent; a smaller number is a new state. */
export function cloudReportOf(
  status: Status,
  options: { readonly memoryAvailableBytes: number; readonly restartsBefore: number | null },
): CloudReport {
  const { restarts } = status.analytics;
  const before = options.restartsBefore ?? restarts;
  const isWaiting = status.refused !== null || status.held.length > 0;
  return {
    system: status.system ?? 'default',
    metrics: [
      { name: 'Healthy', unit: 'Count', value: isTrue(status, 'Healthy') },
      { name: 'Proven', unit: 'Count', value: isTrue(status, 'Proven') },
      { name: 'RefusedOrHeld', unit: 'Count', value: isWaiting ? 1 : 0 },
      { name: 'Restarts', unit: 'Count', value: restarts < before ? restarts : restarts - before },
      { name: 'MemoryAvailable', unit: 'Bytes', value: options.memoryAvailableBytes },
    ],
  };
}

/** Equal where nothing changed that is worth sending at once: free memory changes always. */
export function cloudKey(status: Status): string {
  const { restarts } = status.analytics;
  const isWaiting = status.refused !== null || status.held.length > 0;
  return [isTrue(status, 'Healthy'), isTrue(status, 'Proven'), isWaiting, restarts].join(' ');
}
