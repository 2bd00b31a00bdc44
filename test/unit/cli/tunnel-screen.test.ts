import { describe, expect, it } from 'vitest';
import type { Cli, CliStream } from '../../../agent/cli/context.ts';
import { createStyle } from '../../../agent/cli/style.ts';
import { createTunnelScreen, renderTunnel } from '../../../agent/cli/tunnel-screen.ts';
import { advanceTunnel, beginTunnel, type TunnelEvent } from '../../../agent/core/tunnel/state.ts';

const START = Date.parse('2026-01-01T12:03:04.000Z');
const TITLE = { system: 'acme-prod', kind: 'client', port: 8182, transport: 'public' } as const;
const gateway = (instance: string) => ({
  instance,
  publicAddress: instance === 'i-0abc' ? '203.0.113.7' : '203.0.113.9',
  privateAddress: '192.0.2.7',
});
const found = (instance = 'i-0abc'): TunnelEvent => ({
  kind: 'found',
  gateway: gateway(instance),
  at: START,
});
const up = (afterMs: number): TunnelEvent => ({ kind: 'up', at: START + afterMs });
const lost = (afterMs: number, kind: 'lost' | 'absent' = 'lost'): TunnelEvent => ({
  kind: 'failed',
  failure: { kind, detail: 'Connection closed by remote host.' },
  at: START + afterMs,
  random: 0,
});
const stateAfter = (...events: TunnelEvent[]) => events.reduce(advanceTunnel, beginTunnel(START));
const style = createStyle({ columns: 80 } as CliStream, {});

describe('the line of a tunnel', () => {
  it.each<[string, readonly TunnelEvent[], number, string]>([
    ['before it is up', [], 0, '○ connecting to acme-prod …'],
    [
      'up',
      [found(), up(0)],
      7_800_000,
      '● SOCKS on 127.0.0.1:8182 → acme-prod (i-0abc, 203.0.113.7)   up 2 h 10 m',
    ],
    ['lost', [found(), up(0), lost(1_000)], 4_000, '○ lost, looking for the gateway again …   3 s'],
    [
      'lost, and there is none',
      [found(), up(0), lost(1_000), lost(2_000, 'absent')],
      4_000,
      '○ lost, looking for the gateway again … none is running   3 s',
    ],
  ])('%s', (_title, events, afterMs, line) => {
    expect(renderTunnel(stateAfter(...events), TITLE, START + afterMs, style)).toBe(line);
  });

  it('fits the terminal, whatever the names', () => {
    const title = { ...TITLE, system: 'x'.repeat(200) };
    for (const events of [[], [found(), up(0)], [found(), up(0), lost(1)]]) {
      const line = renderTunnel(stateAfter(...events), title, START + 1_000, style);
      expect(line.length).toBeLessThanOrEqual(80);
    }
  });
});

describe('in a pipe', () => {
  async function show(isJson: boolean) {
    const written: string[] = [];
    const stdout = { write: (text: string) => written.push(text) } as unknown as CliStream;
    let now = START;
    const cli = { stdout, env: {}, now: () => now } as unknown as Cli;
    const screen = await createTunnelScreen(cli, TITLE, isJson);
    const events = [found(), up(0), lost(1_000), lost(2_000), found('i-0def'), up(5_000)];
    let state = beginTunnel(START);
    for (const event of events) {
      now = event.at;
      state = advanceTunnel(state, event);
      screen.show(state);
      screen.tick();
    }
    screen.end();
    return written;
  }

  it('each change is a line with its time', async () => {
    expect(await show(false)).toEqual([
      '12:03:04Z  SOCKS on 127.0.0.1:8182 → acme-prod (i-0abc, 203.0.113.7)\n',
      '12:03:05Z  lost, looking for the gateway again …\n',
      '12:03:09Z  SOCKS on 127.0.0.1:8182 → acme-prod (i-0def, 203.0.113.9), up again after 4 s (instance was replaced)\n',
    ]);
  });

  it('or a document', async () => {
    const documents = (await show(true)).map((line) => JSON.parse(line));
    expect(documents).toEqual([
      {
        at: '2026-01-01T12:03:04.000Z',
        event: 'up',
        kind: 'client',
        port: 8182,
        instance: 'i-0abc',
        address: '203.0.113.7',
        reason: null,
      },
      expect.objectContaining({ event: 'down', reason: 'Connection closed by remote host.' }),
      expect.objectContaining({ event: 'up', instance: 'i-0def', address: '203.0.113.9' }),
    ]);
  });
});
