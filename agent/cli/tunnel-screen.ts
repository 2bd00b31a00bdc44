/** What a tunnel shows: one line that changes on a terminal, a line for each change in a pipe. */

import { printInstant } from '../core/instant.ts';
import type { TunnelFailureKind } from '../core/tunnel/failure.ts';
import type { TunnelState } from '../core/tunnel/state.ts';
import { type Gateway, hostOf, type Transport, type TunnelKind } from '../core/tunnel/target.ts';
import type { Cli } from './context.ts';
import { printable, printDuration, printSpan, shorten } from './print.ts';
import { createStyle, type Style } from './style.ts';
import { explainTunnelFailure } from './tunnel-failure.ts';

export interface TunnelScreen {
  show(state: TunnelState): void;
  /** Time has passed. */
  tick(): void;
  end(): void;
}

export interface TunnelTitle {
  readonly system: string;
  readonly kind: TunnelKind;
  readonly port: number;
  readonly transport: Transport;
}

export async function createTunnelScreen(
  cli: Cli,
  title: TunnelTitle,
  isJson: boolean,
): Promise<TunnelScreen> {
  if (isJson || cli.stdout.isTTY !== true) return createPipeScreen(cli, title, isJson);
  const { createLogUpdate } = await import('log-update');
  const line = createLogUpdate(cli.stdout as NodeJS.WriteStream);
  const style = createStyle(cli.stdout, cli.env);
  let last: TunnelState | null = null;
  const draw = () => {
    if (last !== null) line(renderTunnel(last, title, cli.now(), style));
  };
  return {
    show(state) {
      const news = describeReturn(last, state);
      last = state;
      if (news !== null) line.persist(`${style.good('●')} ${news}`);
      draw();
    },
    tick: draw,
    end: () => line.clear(),
  };
}

function createPipeScreen(cli: Cli, title: TunnelTitle, isJson: boolean): TunnelScreen {
  let last: TunnelState | null = null;
  let said = '';
  const say = (event: string, line: string, state: TunnelState) => {
    if (line === said) return;
    said = line;
    const at = printInstant(cli.now());
    const { kind, port, transport } = title;
    const { instance = null } = state.gateway ?? {};
    const address = state.gateway === null ? null : hostOf(state.gateway, transport);
    const document = { at, event, kind, port, instance, address, reason: state.failure?.detail ?? null };
    cli.stdout.write(`${isJson ? JSON.stringify(document) : `${at.slice(11, 19)}Z  ${line}`}\n`);
  };
  return {
    show(state) {
      const news = describeReturn(last, state);
      const wasUp = last !== null && last.upAt !== null;
      last = state;
      if (state.upAt !== null && !wasUp)
        say('up', `${describeUp(state, title)}${news === null ? '' : `, ${news}`}`, state);
      // Before it was up for the first time the sentence at the end says it.
      else if (state.failure !== null && state.upCount > 0) say('down', describeDown(state, title), state);
    },
    tick: () => undefined,
    end: () => undefined,
  };
}

/** The one line; it fits the terminal. */
export function renderTunnel(state: TunnelState, title: TunnelTitle, now: number, style: Style): string {
  if (state.upAt !== null) {
    const up = `   up ${printDuration(now - state.upAt)}`;
    return `${style.good('●')} ${shorten(describeUp(state, title), style.width - up.length - 2)}${up}`;
  }
  if (state.upCount === 0) {
    const why = state.failure === null ? '' : ` (${printable(state.failure.detail)})`;
    return `${style.warning('○')} ${shorten(`connecting to ${title.system} …${why}`, style.width - 2)}`;
  }
  const down = `   ${printDuration(now - (state.lostAt ?? now))}`;
  return `${style.warning('○')} ${shorten(describeDownShortly(state), style.width - down.length - 2)}${down}`;
}

function describeUp(state: TunnelState, { kind, port, system, transport }: TunnelTitle): string {
  const what = kind === 'client' ? 'SOCKS' : 'SQL';
  return `${what} on 127.0.0.1:${port} → ${system} (${describeGateway(state.gateway, transport)})`;
}

function describeGateway(gateway: Gateway | null, transport: Transport): string {
  if (gateway === null) return 'unknown';
  const host = hostOf(gateway, transport);
  return transport === 'ssm' || host === null
    ? `${gateway.instance}, by SSM`
    : `${gateway.instance}, ${host}`;
}

const LOOKING = 'lost, looking for the gateway again …';

/** The whole sentence, for a pipe. */
function describeDown(state: TunnelState, title: TunnelTitle): string {
  const { failure } = state;
  if (failure === null || failure.kind === 'lost') return LOOKING;
  const { message } = explainTunnelFailure(failure, { ...title, gateway: state.gateway });
  return `${LOOKING} ${message}`;
}

/** What there is room for on a line of a terminal. */
const SHORT: Readonly<Partial<Record<TunnelFailureKind, string>>> = {
  absent: 'none is running',
  addressless: 'it has no address',
  'key-unusable': 'no usable key in the bucket',
  'host-key': 'wrong host key: refused',
  'access-key': 'access key not accepted',
  silent: 'no answer',
  refused: 'connection refused',
  'ssm-offline': 'not registered with Session Manager',
};

function describeDownShortly({ failure }: TunnelState): string {
  if (failure === null || failure.kind === 'lost') return LOOKING;
  return `${LOOKING} ${SHORT[failure.kind] ?? printable(failure.detail)}`;
}

/** What is told once when it is back: for how long it was away, and why. */
function describeReturn(last: TunnelState | null, state: TunnelState): string | null {
  if (last === null || last.upAt !== null || last.lostAt === null || state.upAt === null) return null;
  const isReplaced = last.upInstance !== null && last.upInstance !== state.gateway?.instance;
  const why = isReplaced ? ' (instance was replaced)' : '';
  return `up again after ${printSpan(state.upAt - last.lostAt)}${why}`;
}
