import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CLOUD_NAMESPACE, type CloudReport } from '../core/cloud-metrics.ts';
import type { Remote } from '../ports.ts';
import { type AwsClientOptions, chooseAwsConfig } from './aws-config.ts';
import { translateAwsError } from './aws-error.ts';
import { withDeadline } from './deadline.ts';

const CALL_TIMEOUT_MS = 10_000;

/**
 * Metrics to CloudWatch, by system and not by instance: an alarm outlives the instance that it was made on, and each
 * set of dimensions is charged. Needs cloudwatch:PutMetricData.
 */
export function createCloudWatch(options: AwsClientOptions): Remote<CloudReport> {
  const client = new CloudWatchClient(chooseAwsConfig(options));
  return {
    async send({ system, metrics }, signal) {
      const command = new PutMetricDataCommand({
        Namespace: CLOUD_NAMESPACE,
        MetricData: metrics.map(({ name, unit, value }) => ({
          MetricName: name,
          Unit: unit,
          Value: value,
          Dimensions: [{ Name: 'System', Value: system }],
        })),
      });
      const work = (abortSignal: AbortSignal) => client.send(command, { abortSignal });
      try {
        await withDeadline({ timeoutMs: CALL_TIMEOUT_MS, signal, work });
      } catch (error) {
        throw translateAwsError(error, 'cloudwatch:PutMetricData');
      }
    },
  };
}
