import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { AGENT_LIMIT_BYTES } from '../../agent/core/sizing-budget.ts';
import { NODE_FLAGS, NODE_MALLOC } from '../bench/gateway.mjs';

const unit = readFileSync('systemd/gateway-agent.service', 'utf8').replaceAll('\\\n', ' ');

it('the unit starts the agent with the flags that the benchmark measures', () => {
  const [, command = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
  expect(command.split(/\s+/).filter((word) => word.startsWith('--'))).toEqual(NODE_FLAGS);
  for (const [name, value] of Object.entries(NODE_MALLOC)) expect(unit).toContain(`${name}=${value}`);
});

it('the unit’s own memory limit is that of the memory plan', () => {
  expect(unit).toContain(`MemoryMax=${AGENT_LIMIT_BYTES / 2 ** 20}M\n`);
});

it('polkit names exactly one unit, three verbs and one user', () => {
  const rules = readFileSync('systemd/50-datomic-gateway.rules', 'utf8');
  const texts = [...rules.matchAll(/'([^']+)'/g)].map(([, text]) => text);
  expect(texts).toEqual([
    'org.freedesktop.systemd1.manage-units',
    'unit',
    'datomic-analytics.service',
    'start',
    'stop',
    'restart',
    'verb',
    'datomic-gateway',
  ]);
});
