/** Drift, refusal, hold and quarantine as compliance items of Systems Manager: one page for all machines. */
import type { Status } from './status.ts';

export const COMPLIANCE_TYPE = 'Custom:DatomicGateway';

export interface ComplianceItem {
  readonly id: 'drift' | 'refusal' | 'hold' | 'quarantine';
  readonly title: string;
  readonly severity: 'HIGH' | 'MEDIUM' | 'UNSPECIFIED';
  readonly isCompliant: boolean;
  /** At most 4,096 characters a value. */
  readonly details: Readonly<Record<string, string>>;
}

const MAX_VALUE = 1_000;
const MAX_SHOWN = 5;

const cut = (text: string): string => (text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE - 1)}…`);
const list = (texts: readonly string[]): string =>
  cut(
    [
      ...texts.slice(0, MAX_SHOWN),
      ...(texts.length > MAX_SHOWN ? [`and ${texts.length - MAX_SHOWN} more`] : []),
    ].join(', '),
  );

const item = (
  id: ComplianceItem['id'],
  title: string,
  severity: 'HIGH' | 'MEDIUM',
  details: Readonly<Record<string, string>> | null,
): ComplianceItem => ({
  id,
  title,
  severity: details === null ? 'UNSPECIFIED' : severity,
  isCompliant: details === null,
  details: details ?? {},
});

/** The four items, always all of them: a list replaces the one before. Nothing of a file's content is in it. */
export function complianceItemsOf(status: Status): readonly ComplianceItem[] {
  const { refused, held, quarantined, conditions } = status;
  const drift = conditions.find(
    ({ type, reason }) => type === 'DriftRepaired' || (type === 'Published' && reason === 'Drift'),
  );
  return [
    item(
      'drift',
      'The live configuration is as it was published',
      'MEDIUM',
      drift === undefined ? null : { what: cut(drift.message) },
    ),
    item(
      'refusal',
      'The newest configuration passes the gate',
      'MEDIUM',
      refused === null
        ? null
        : {
            snapshot: refused.snapshot,
            by: cut(refused.by),
            issues: list(
              refused.issues
                .filter(({ severity }) => severity === 'error')
                .map(({ code, path, line }) => `${code} ${path}:${line}`),
            ),
          },
    ),
    item(
      'hold',
      'Nothing waits for a person',
      'MEDIUM',
      held.length === 0
        ? null
        : {
            kinds: list(held.map(({ kind }) => kind)),
            paths: list(held.flatMap(({ paths }) => paths)),
          },
    ),
    item(
      'quarantine',
      'No configuration failed to become proven',
      'HIGH',
      quarantined.length === 0
        ? null
        : {
            digests: list(quarantined.map(({ digest }) => digest.slice(0, 8))),
            reason: cut(quarantined[0]?.reason ?? ''),
          },
    ),
  ];
}

export interface ComplianceReport {
  readonly instance: string;
  readonly items: readonly ComplianceItem[];
}
