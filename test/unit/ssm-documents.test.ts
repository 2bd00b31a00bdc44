import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REQUEST_SETTLE_MS } from '../../agent/core/limits.ts';
import { REASON_PATTERN, writeBy } from '../../agent/core/remote-command.ts';
import { SETTINGS_TABLE } from '../../agent/core/settings-table.ts';
import { parseDuration } from '../../agent/core/settings-values.ts';
import { chooseValues, readDocument } from '../support/ssm-document.ts';

const KINDS = ['restart', 'poll'] as const;
const settingMs = (key: string): number => {
  const row = SETTINGS_TABLE.find((setting) => setting.key === key);
  return parseDuration(String(row?.default)) ?? Number.NaN;
};
/** Between TERM and KILL of the analytics process, as its unit has it. */
const stopMs = () =>
  Number(/^TimeoutStopSec=(\d+)ms$/m.exec(readFileSync('systemd/datomic-analytics.service', 'utf8'))?.[1]);

describe.each(KINDS)('the document that asks a gateway to %s', (kind) => {
  const document = readDocument(kind);
  const [step] = document.mainSteps;

  it('is a command document of one shell step on Linux', () => {
    expect(document.schemaVersion).toBe('2.2');
    expect(document.mainSteps).toHaveLength(1);
    expect(step).toMatchObject({
      action: 'aws:runShellScript',
      precondition: { StringEquals: ['platformType', 'Linux'] },
    });
  });

  it('has a pattern for each parameter, which its default and nothing hostile passes', () => {
    for (const [name, { allowedPattern = '', default: value = '' }] of Object.entries(document.parameters)) {
      expect(allowedPattern, name).toMatch(/^\^.*\$$/);
      expect(value, name).toMatch(new RegExp(allowedPattern));
      for (const hostile of HOSTILE) expect(hostile, name).not.toMatch(new RegExp(allowedPattern));
    }
  });

  it('takes every parameter but its own time limit from the environment, where the agent can', () => {
    const inText = Object.entries(document.parameters).filter(
      ([, one]) => one.interpolationType !== 'ENV_VAR',
    );
    expect(inText.map(([name]) => name)).toEqual(['executionTimeout']);
  });

  it('takes what the command line lets through', () => {
    const { reason, by } = document.parameters;
    expect(reason?.allowedPattern).toBe(REASON_PATTERN.source.replaceAll('\\/', '/'));
    for (const name of ['maria', 'DOMAIN\\jo', 'ünïcode', '', 'x'.repeat(300)]) {
      expect(writeBy(name)).toMatch(new RegExp(by?.allowedPattern ?? ''));
    }
  });

  it('refuses what it does not take', () => {
    expect(() => chooseValues(document, { reason: 'a; reboot' })).toThrow('InvalidParameters: reason');
    expect(() => chooseValues(document, { other: '1' })).toThrow('no parameter other');
  });
});

const HOSTILE = [
  '$(reboot)',
  '`reboot`',
  'a; reboot',
  'a && reboot',
  'a | sh',
  "'; reboot; '",
  '"; reboot; "',
  'x\nEND-OF-PARAMETER\nreboot',
  'x\n',
  '\\',
  '{{ wait }}',
  '>file',
];

const waitOf = (kind: (typeof KINDS)[number]) =>
  parseDuration(readDocument(kind).parameters.wait?.default ?? '') ?? 0;
const timeoutOf = (kind: (typeof KINDS)[number]) =>
  Number(readDocument(kind).parameters.executionTimeout?.default) * 1_000;

describe('a restart', () => {
  it('waits longer than everything that may lie before its answer, with the default settings', () => {
    const first = settingMs('restart.proveFirst');
    const stable = settingMs('restart.stable');
    const attempt = stopMs() + first + stable;
    const rollback = stopMs() + first + stable;
    const longest =
      REQUEST_SETTLE_MS + settingMs('restart.spacing') + settingMs('restart.drain') + attempt + rollback;
    expect(longest).toBeGreaterThan(0);
    expect(waitOf('restart')).toBeGreaterThan(longest);
  });
});

describe('a poll', () => {
  it('waits longer than a listing and settling may take', () => {
    const longest =
      REQUEST_SETTLE_MS + settingMs('source.listInterval') + settingMs('source.settleDeletions');
    expect(waitOf('poll')).toBeGreaterThan(longest);
  });
});

it.each(KINDS)('%s has time left to print its answer when its wait is over', (kind) => {
  expect(timeoutOf(kind)).toBeGreaterThanOrEqual(waitOf(kind) + 60_000);
});
