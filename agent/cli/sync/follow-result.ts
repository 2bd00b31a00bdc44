import type { DecidedOutcome, SyncEffect } from '../../core/sync/outcome.ts';
import { printable, printSpan, printTime } from '../print.ts';
import type { Style } from '../style.ts';
import type { Talk } from './talk.ts';

export interface Followed {
  readonly exitCode: 0 | 65 | 69 | 75;
  /** For `--json`. */
  readonly result: Readonly<Record<string, unknown>>;
}

const EXIT_CODES = {
  proven: 0,
  refused: 65,
  held: 65,
  'rolled-back': 69,
  unproven: 69,
  paused: 75,
} as const;

const LOG_LINES = 5;

/** Says what came of a sync, why, and what to do. */
export function concludeSync(
  outcome: DecidedOutcome,
  { talk, now, awayMs }: { readonly talk: Talk; readonly now: number; readonly awayMs: number | null },
): Followed {
  const exitCode = EXIT_CODES[outcome.kind];
  const { kind, ...details } = outcome;
  for (const line of describe(outcome, talk, now, awayMs)) talk.say(line);
  return { exitCode, result: { outcome: kind, ...details, ...(awayMs === null ? {} : { awayMs }) } };
}

function describe(outcome: DecidedOutcome, { style }: Talk, now: number, awayMs: number | null): string[] {
  const bad = (text: string) => `${style.error('✗')} ${text}`;
  switch (outcome.kind) {
    case 'proven': {
      const away = awayMs === null ? '' : ` (SQL was away for ${printSpan(awayMs)})`;
      const keeps = outcome.keeps.map(printable).join(', ');
      return [
        `${style.good('✓')} proven ${printTime(now, now)}${away}`,
        ...describeEffect(outcome.effect, style),
        ...(keeps === '' ? [] : [`${style.warning('!')} kept live: ${keeps}; --allow-delete lets it go`]),
      ];
    }
    case 'refused': {
      const errors = outcome.issues.filter(({ severity }) => severity === 'error');
      return [
        bad(`refused: ${printable(outcome.reason)}`),
        ...errors.map(({ path, line, column, message, hint }) => {
          const place = line === 0 ? path : `${path}:${line}:${column}`;
          return `  ${printable(place)}  ${printable(message)}. ${printable(hint)}`;
        }),
      ];
    }
    case 'held':
      return [
        bad(`held until a person agrees: ${printable(outcome.reason)}`),
        '  sync again with --expose-all, or take it back',
      ];
    case 'rolled-back':
      return [
        bad(`rolled back: ${printable(outcome.reason)}`),
        ...outcome.log.slice(-LOG_LINES).map((line) => `  ${printable(line)}`),
      ];
    case 'unproven':
      return [bad(`cannot be proven: ${printable(outcome.reason)}`)];
    case 'paused': {
      const until = outcome.until === null ? '' : ` until ${outcome.until}`;
      return [bad(`the gateway is paused by ${printable(outcome.by)}${until}: it takes the sync after that`)];
    }
  }
}

/** What is missing is no failure of the sync: it is live, and the database may get the attribute a minute later. */
function describeEffect(effect: SyncEffect | null, style: Style): string[] {
  if (effect === null) return [];
  const mark = effect.status === 'True' ? style.good('✓') : style.warning('!');
  return [`${mark} ${printable(effect.message)}`];
}
