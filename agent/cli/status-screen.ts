/** The status document as one screen: the answer first, then the reason, then what to do. */
import { ALWAYS } from '../core/condition-types.ts';
import { parseInstant } from '../core/instant.ts';
import type { Status, StatusHold, StatusRelease } from '../core/status.ts';
import {
  printAge,
  printable,
  printBytes,
  printCount,
  printDigest,
  printDuration,
  printSpan,
  printTime,
  shorten,
  wrap,
} from './print.ts';
import type { Style } from './style.ts';

const LABEL_WIDTH = 11;
/** A restart is news for this long. */
const NEWS_MS = 10 * 60_000;
/** All others speak only when something is the matter. */
const GOOD_WHEN_TRUE: readonly string[] = [...ALWAYS, 'MetaschemaEffect'];

const HOLD_ADVICE = {
  deletion: 'put the files back, sync with --allow-delete, or `gatewayctl allow deletion`',
  exposure: 'list the databases again, sync with --expose-all, or `gatewayctl allow exposure`',
} as const;

/** Lines without line ends. Four of them when all is well. */
export function renderStatus(status: Status, options: { now: number; style: Style }): string[] {
  const { now, style } = options;
  const line = (label: string, text: string) => label.padEnd(LABEL_WIDTH) + text;
  const more = [
    ...renderDesired(status, now, line),
    ...renderRefused(status, now, style, line),
    ...status.held.flatMap((hold) => renderHold(hold, now, style, line)),
    ...renderQuarantined(status, now, style, line),
    ...renderPaused(status, now, style, line),
    ...renderConditions(status, style, line),
  ];
  const restart = renderLastRestart(status, now, more.length > 0);
  return [
    renderMachine(status, style),
    renderEngine(status, now, style),
    ...(more.length > 0 ? [''] : []),
    renderSource(status, now, style, line),
    renderEffective(status, now, line),
    ...more,
    ...(restart === null ? [] : ['', restart]),
  ];
}

type Line = (label: string, text: string) => string;

function renderMachine(status: Status, style: Style): string {
  const { instance } = status;
  const size = instance.memory > 0 ? printBytes(instance.memory) : null;
  const type = [instance.type, size].filter((part) => part !== null).join(' ');
  const parts = [status.system ?? 'no system', instance.id, type === '' ? null : type];
  const left = parts
    .filter((part) => part !== null)
    .map(printable)
    .join('  ');
  const clock = `${status.at.slice(11, 19)}Z`;
  return style.strong(left) + style.faint(clock.padStart(Math.max(2 + clock.length, 60 - left.length)));
}

const STATES = {
  stopped: 'STOPPED',
  starting: 'STARTING',
  running: 'NOT SERVING',
  stopping: 'STOPPING',
  failed: 'FAILED',
};

function renderEngine(status: Status, now: number, style: Style): string {
  const { analytics } = status;
  const startedAt = timeOf(analytics.startedAt);
  const facts = [
    analytics.engine,
    analytics.pid === null ? null : `pid ${analytics.pid}`,
    analytics.pid === null || startedAt === null ? null : printDuration(now - startedAt),
    analytics.pid === null || analytics.heap <= 0 ? null : `heap ${printBytes(analytics.heap)}`,
    analytics.queriesRunning === 0 ? null : `${printCount(analytics.queriesRunning, 'query')} running`,
  ].filter((fact) => fact !== null);
  const name = analytics.serving ? 'SERVING' : STATES[analytics.state];
  const paint = analytics.serving ? style.good : analytics.state === 'failed' ? style.error : style.warning;
  return `${paint(name.padEnd(LABEL_WIDTH - 1))} ${printable(facts.join(', '))}`.trimEnd();
}

function renderSource(status: Status, now: number, style: Style, line: Line): string {
  const { source } = status;
  const polledAt = timeOf(source.lastPollAt);
  const group = source.group === null ? 'no group yet' : `group ${source.group}`;
  const polled = polledAt === null ? 'not polled yet' : `polled ${printAge(polledAt, now)}`;
  const tail = `   ${printable(group)}   ${polled}`;
  const uri = shorten(printable(source.uri), Math.max(20, style.width - LABEL_WIDTH - tail.length));
  return line('source', uri + tail);
}

function describeRelease(release: StatusRelease, now: number): string {
  const at = timeOf(release.at);
  return `${printDigest(release.digest)}   synced${at === null ? '' : ` ${printTime(at, now)}`} by ${printable(release.by)}`;
}

function renderEffective(status: Status, now: number, line: Line): string {
  const { effective, proven } = status;
  if (effective === null) return line('effective', 'nothing is published yet');
  const condition = status.conditions.find(
    ({ type, status: value }) => type === 'Proven' && value === 'True',
  );
  const provenAt = timeOf(condition?.lastTransitionTime ?? null);
  const isProven = proven?.digest === effective.digest;
  const proof = isProven
    ? `proven${provenAt === null ? '' : ` ${printTime(provenAt, now)}`}`
    : 'not proven yet';
  return line('effective', `${describeRelease(effective, now)}   ${proof}`);
}

function renderDesired(status: Status, now: number, line: Line): string[] {
  const { desired, effective } = status;
  const isReached = desired === null || desired.digest === effective?.digest;
  return [
    ...(isReached ? [] : [line('desired', describeRelease(desired, now))]),
    ...(status.reason === '' || status.reason === 'nothing to do'
      ? []
      : [line('doing', printable(status.reason))]),
  ];
}

function renderRefused(status: Status, now: number, style: Style, line: Line): string[] {
  const { refused } = status;
  if (refused === null) return [];
  const at = timeOf(refused.at);
  const errors = refused.issues.filter(({ severity }) => severity === 'error');
  const shown = errors.slice(0, 3).flatMap(({ path, line: row, column, message }) => {
    const place = row === 0 ? path : `${path}:${row}:${column}`;
    const [first = '', ...rest] = wrap(
      `${printable(place)}  ${printable(message)}`,
      style.width - LABEL_WIDTH - 2,
    );
    return [line('', first), ...rest.map((text) => line('', `  ${text}`))];
  });
  const left = errors.length - 3;
  return [
    style.error('refused'.padEnd(LABEL_WIDTH)) +
      `${printDigest(refused.snapshot)}   synced${at === null ? '' : ` ${printTime(at, now)}`} by ${printable(refused.by)}`,
    ...shown,
    ...(left > 0 ? [line('', `and ${printCount(left, 'more error')}`)] : []),
    ...(errors.length === 0 ? [line('', printable(refused.reason))] : []),
  ];
}

function renderHold(hold: StatusHold, now: number, style: Style, line: Line): string[] {
  const at = timeOf(hold.at);
  const metaschemas = hold.paths.filter((path) => path.startsWith('datomic/')).length;
  const catalogs = hold.paths.length - metaschemas;
  const what = [
    ...(metaschemas > 0 ? [printCount(metaschemas, 'metaschema')] : []),
    ...(catalogs > 0 ? [printCount(catalogs, 'catalog')] : []),
  ].join(' and ');
  const since = at === null ? '' : ` since ${printTime(at, now)}`;
  return [
    `${style.warning('held'.padEnd(LABEL_WIDTH))}${hold.kind} of ${what}${since}`,
    line('', shorten(printable(hold.paths.join(', ')), style.width - LABEL_WIDTH)),
    ...wrap(`→ ${HOLD_ADVICE[hold.kind]}`, style.width - LABEL_WIDTH).map((text) => line('', text)),
  ];
}

function renderQuarantined(status: Status, now: number, style: Style, line: Line): string[] {
  return status.quarantined.flatMap(({ digest, reason, log, at, retryAt }) => {
    const since = timeOf(at);
    const retry = timeOf(retryAt);
    const next =
      retry === null ? 'until the configuration changes' : `next try in ${printDuration(retry - now)}`;
    return [
      style.error('quarantine'.padEnd(LABEL_WIDTH)) +
        `${printDigest(digest)}${since === null ? '' : `   since ${printTime(since, now)}`}   ${next}`,
      ...wrap(printable(reason), style.width - LABEL_WIDTH).map((text) => line('', text)),
      ...log
        .slice(-3)
        .map((text) => line('', style.faint(`| ${shorten(printable(text), style.width - LABEL_WIDTH - 2)}`))),
    ];
  });
}

function renderPaused(status: Status, now: number, style: Style, line: Line): string[] {
  const { paused } = status;
  if (paused === null) return [];
  const until = timeOf(paused.until);
  const end = until === null ? 'until resumed' : `until ${printTime(until, now)}`;
  return [
    `${style.warning('paused'.padEnd(LABEL_WIDTH))}${end} by ${printable(paused.by)}`,
    ...(paused.reason === '' ? [] : [line('', printable(paused.reason))]),
  ];
}

function renderConditions(status: Status, style: Style, line: Line): string[] {
  const speaking = status.conditions.filter(({ type, status: value }) =>
    GOOD_WHEN_TRUE.includes(type) ? value !== 'True' : value !== 'False',
  );
  return speaking.flatMap(({ type, status: value, reason, message }) => {
    const title = GOOD_WHEN_TRUE.includes(type) ? `${type}=${value}` : type;
    const text = `${title} ${reason}${message === '' ? '' : `: ${message}`}`;
    const [first = '', ...rest] = wrap(printable(text), style.width - LABEL_WIDTH);
    return [style.warning('condition'.padEnd(LABEL_WIDTH)) + first, ...rest.map((part) => line('', part))];
  });
}

function renderLastRestart(status: Status, now: number, isBusy: boolean): string | null {
  const restart = status.analytics.lastRestart;
  const at = timeOf(restart?.at ?? null);
  if (restart === null || at === null) return null;
  if (!isBusy && restart.outcome === 'done' && now - at > NEWS_MS) return null;
  const killed = restart.queriesKilled.length;
  const parts = [
    printable(restart.reason),
    ...(restart.outcome === 'done' ? [] : [restart.outcome]),
    `drained ${printSpan(restart.drainMs)}`,
    ...(restart.stopMs === null || restart.startMs === null
      ? []
      : [`down ${printSpan(restart.stopMs + restart.startMs)}`]),
    killed === 0 ? 'no query killed' : `${printCount(killed, 'query')} killed`,
  ];
  return `last restart ${printTime(at, now)}  ${parts.join(' · ')}`;
}

function timeOf(text: string | null): number | null {
  return text === null ? null : parseInstant(text);
}
