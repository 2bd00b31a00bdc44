import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readLogWish, renderShipperConfig, SHIPPED_UNITS } from '../../../agent/core/log-shipping.ts';

const userData = (logs: unknown) => JSON.stringify({ settings: {}, logs });

it('a log group is asked for by user data that names one', () => {
  expect(readLogWish(userData({ group: '/datomic-gateway/acme' }))).toEqual({
    kind: 'group',
    group: '/datomic-gateway/acme',
  });
});

it('nothing is sent when nobody asks: no user data, that of others, or a stack without logs', () => {
  for (const text of [null, '#!/bin/sh\n', '{', '{"settings":{}}', userData({ group: '' }), userData('x')]) {
    expect(readLogWish(text)).toEqual({ kind: 'none' });
  }
});

it('what is no name of a log group is refused without being quoted', () => {
  for (const group of ['a b', 'a$b', '{instance_id}', 'a"b', 'a\n', 'x'.repeat(513)]) {
    const wish = readLogWish(userData({ group }));
    expect(wish.kind, group).toBe('unusable');
    expect(JSON.stringify(wish)).not.toContain(JSON.stringify(group).slice(1, -1));
  }
});

it('the CloudWatch agent reads the journal as its own user, into one stream for each instance', () => {
  expect(JSON.parse(renderShipperConfig('/datomic-gateway/acme', 'eu-west-1'))).toEqual({
    agent: { region: 'eu-west-1', run_as_user: 'cwagent' },
    logs: {
      logs_collected: {
        journald: {
          collect_list: [
            {
              log_group_name: '/datomic-gateway/acme',
              log_stream_name: '{instance_id}',
              units: [...SHIPPED_UNITS],
            },
          ],
        },
      },
    },
  });
});

it('every unit of the gateway is sent, and the engine’s, which may print secrets, is not', () => {
  const units = readdirSync('systemd').filter((file) => file.endsWith('.service'));
  const own = units.filter((unit) => unit.startsWith('gateway-'));
  expect([...SHIPPED_UNITS].sort()).toEqual([...own, 'ssh.service', 'sshd.service'].sort());
  expect(SHIPPED_UNITS).not.toContain('datomic-analytics.service');
  expect(units).toContain('datomic-analytics.service');
});
