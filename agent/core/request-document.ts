/** What a file in the spool must say to be a request. Strict: a request that is misread does what nobody asked for. */
import {
  type Decoded,
  decode,
  flag,
  hexDigest,
  listOf,
  nullable,
  oneOf,
  shape,
  text,
  textUpTo,
  withDefault,
} from './decode.ts';
import type { OpenRequest } from './observed.ts';
import { parseDuration } from './settings-values.ts';
import type { HoldKind, SnapshotId } from './types.ts';

export const REQUEST_KINDS = ['restart', 'poll', 'retry', 'allow', 'pause', 'resume'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** The document of the contract, as it is written into the spool. */
export interface RequestDocument {
  readonly kind: RequestKind;
  readonly by: string;
  readonly reason: string;
  readonly now?: boolean;
  readonly hold?: HoldKind;
  readonly snapshot?: string;
  readonly paths?: readonly string[];
  readonly for?: string;
}

/** Larger is no request, whatever it says. */
export const MAX_REQUEST_BYTES = 256 * 1024;
export const MAX_REASON_LENGTH = 1_000;
const MAX_BY_LENGTH = 256;
const MAX_PATHS = 1_000;

const ID = /^[A-Za-z0-9._-]{1,128}$/;
const SUFFIX = '.json';
/** Ours: a file that is being written beside the requests. */
const PARTIAL = /^\..+\.partial$/;

export const isRequestId = (id: string): boolean => ID.test(id);

/** The id that a file name in the spool stands for; null for any other name. */
export function requestIdOf(fileName: string): string | null {
  if (!fileName.endsWith(SUFFIX)) return null;
  const id = fileName.slice(0, -SUFFIX.length);
  return isRequestId(id) ? id : null;
}

export const requestFileName = (id: string): string => `${id}${SUFFIX}`;

/** Somebody is about to drop a request under this name, or died while doing so. */
export const isPartialName = (fileName: string): boolean => PARTIAL.test(fileName);

const COMMON_FIELDS = ['kind', 'by', 'reason', 'now'];
const FIELDS: Readonly<Record<RequestKind, readonly string[]>> = {
  restart: COMMON_FIELDS,
  poll: COMMON_FIELDS,
  retry: COMMON_FIELDS,
  resume: COMMON_FIELDS,
  allow: [...COMMON_FIELDS, 'hold', 'snapshot', 'paths'],
  pause: [...COMMON_FIELDS, 'for'],
};

interface Common {
  readonly kind: RequestKind;
  readonly by: string;
  readonly reason: string;
  readonly now: boolean;
}

const common = shape<Common>({
  kind: oneOf(...REQUEST_KINDS),
  by: withDefault(textUpTo(MAX_BY_LENGTH), 'unknown'),
  reason: withDefault(textUpTo(MAX_REASON_LENGTH), ''),
  now: withDefault(flag, false),
});

const allow = shape<{ hold: HoldKind; snapshot: SnapshotId; paths: readonly string[] }>({
  hold: oneOf('deletion', 'exposure'),
  snapshot: hexDigest<SnapshotId>(),
  paths: withDefault(listOf(text, MAX_PATHS), []),
});

const pause = shape<{ for: string | null }>({ for: withDefault(nullable(text), null) });

const fault = (problem: string): Decoded<never> => ({ isValid: false, problem });

function unknownField(value: unknown, kind: RequestKind): string | null {
  if (typeof value !== 'object' || value === null) return null;
  return Object.keys(value).find((name) => !FIELDS[kind].includes(name)) ?? null;
}

/** The request that a document makes; `requestedAt` is when it was dropped. */
export function decodeRequest(
  json: string,
  asked: { readonly id: string; readonly requestedAt: number },
): Decoded<OpenRequest> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // The parser's message quotes the text, which comes from anywhere.
    return fault('expected JSON, found something else');
  }
  const said = decode(common, value);
  if (!said.isValid) return said;
  const { kind, by, reason, now } = said.value;
  const unknown = unknownField(value, kind);
  if (unknown !== null) {
    return fault(`expected the fields ${FIELDS[kind].join(', ')}, found another one`);
  }
  const request = { ...asked, by, reason };
  switch (kind) {
    case 'restart':
      return { isValid: true, value: { ...request, kind, isNow: now } };
    case 'allow': {
      const named = decode(allow, value);
      return named.isValid ? { isValid: true, value: { ...request, kind, ...named.value } } : named;
    }
    case 'pause': {
      const limit = decode(pause, value);
      if (!limit.isValid) return limit;
      if (limit.value.for === null) return { isValid: true, value: { ...request, kind, forMs: null } };
      const forMs = parseDuration(limit.value.for);
      if (forMs === null || forMs === 0) {
        return fault('for: expected a duration such as 30m or 2h, at most 500h, found something else');
      }
      return { isValid: true, value: { ...request, kind, forMs } };
    }
    default:
      return { isValid: true, value: { ...request, kind } };
  }
}
