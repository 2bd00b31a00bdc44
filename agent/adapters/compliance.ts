import { PutComplianceItemsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { COMPLIANCE_TYPE, type ComplianceReport } from '../core/compliance.ts';
import type { Clock, Remote } from '../ports.ts';
import { type AwsClientOptions, chooseAwsConfig } from './aws-config.ts';
import { translateAwsError } from './aws-error.ts';
import { withDeadline } from './deadline.ts';

const CALL_TIMEOUT_MS = 10_000;

/** Compliance items to Systems Manager; each list replaces the one before. Needs ssm:PutComplianceItems. */
export function createCompliance(
  options: AwsClientOptions & { readonly clock: Clock },
): Remote<ComplianceReport> {
  const client = new SSMClient(chooseAwsConfig(options));
  return {
    async send({ instance, items }, signal) {
      const command = new PutComplianceItemsCommand({
        ResourceId: instance,
        ResourceType: 'ManagedInstance',
        ComplianceType: COMPLIANCE_TYPE,
        ExecutionSummary: { ExecutionTime: new Date(options.clock.now()), ExecutionType: 'Report' },
        UploadType: 'COMPLETE',
        Items: items.map(({ id, title, severity, isCompliant, details }) => ({
          Id: id,
          Title: title,
          Severity: severity,
          Status: isCompliant ? 'COMPLIANT' : 'NON_COMPLIANT',
          Details: { ...details },
        })),
      });
      const work = (abortSignal: AbortSignal) => client.send(command, { abortSignal });
      try {
        await withDeadline({ timeoutMs: CALL_TIMEOUT_MS, signal, work });
      } catch (error) {
        throw translateAwsError(error, 'ssm:PutComplianceItems');
      }
    },
  };
}
