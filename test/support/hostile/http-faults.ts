import { type Fault, isListing, type ProxiedRequest } from '../fault-proxy.ts';
import { printPage, readContents } from '../listing-page.ts';
import type { Trouble } from './schedule.ts';

const LOG_IN = '<html><body>Please log in<br></body></html>';
const ERROR = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>x</Message></Error>';

const status = (code: number, name: string): Fault => ({ kind: 'status', status: code, code: name });
const page = (body: string, code = 200): Fault => ({ kind: 'answer', status: code, body });
const cut = (edit: (body: string) => string): Fault => ({ kind: 'rewrite', edit });

const UNREACHABLE: readonly Fault[] = [
  { kind: 'reset' },
  status(500, 'InternalError'),
  page(LOG_IN, 502),
  page('', 503),
  page(LOG_IN, 302),
];
const THROTTLED = [status(503, 'SlowDown'), status(429, 'TooManyRequests'), page(LOG_IN, 429)];
const DENIED = [status(403, 'AccessDenied'), status(400, 'ExpiredToken'), page(LOG_IN, 403)];
const MISSING = [status(404, 'NoSuchBucket'), page(LOG_IN, 404), status(301, 'PermanentRedirect')];

/** Listings that are cut, in places where XML allows it or not, mixed up, or something else. */
const TORN_LISTINGS: readonly Fault[] = [
  page(ERROR),
  page(LOG_IN),
  page(''),
  page(printPage({ prefix: 'elsewhere/', contents: [] })),
  { kind: 'truncate-body', afterBytes: 60 },
  cut((body) => body.replace(/<Contents>.*?<\/Contents>/su, '')),
  cut((body) => body.replace(/<Contents>.*<\/Contents>/su, '')),
  cut((body) => body.slice(0, body.lastIndexOf('</Contents>') + '</Contents>'.length)),
  cut((body) => body.replace(/<KeyCount>\d+<\/KeyCount>/u, '')),
  cut((body) => body.replace(/<Prefix>.*?<\/Prefix>/su, '')),
  cut((body) => body.replace(/<IsTruncated>false/u, '<IsTruncated>true')),
  cut((body) => body.replace(/(<NextContinuationToken>).*?(<)/su, '$1again$2')),
  cut((body) => body.replace(/<Size>/gu, '<Size>-')),
  cut((body) => body.replace(/<Contents>/u, (found) => `${readContents(body)[0] ?? ''}${found}`)),
];
const TORN_BODIES: readonly Fault[] = [
  page(LOG_IN),
  page(''),
  { kind: 'truncate-body', afterBytes: 5 },
  { kind: 'truncate-body', afterBytes: 0 },
  { kind: 'corrupt-body' },
  { kind: 'headers', headers: { etag: '' } },
  { kind: 'headers', headers: { etag: '"another"' } },
  { kind: 'unconditional' },
  { kind: 'endless-body' },
];

const choose = (faults: readonly Fault[], variant: number): Fault | null =>
  faults[variant % faults.length] ?? null;

/** The pages in another order within themselves: nothing is wrong with that. */
const mixed = cut((body) => {
  const contents = readContents(body);
  return contents.length < 2 ? body : body.replace(contents.join(''), contents.toReversed().join(''));
});

/** What a trouble is to this request over HTTP; null where it is none. Stale listings are not made here. */
export function httpFaultOf(trouble: Trouble, request: ProxiedRequest): Fault | null {
  const { kind, variant } = trouble;
  switch (kind) {
    case 'unreachable':
      // Each of these costs the whole deadline of a call.
      return variant % 40 === 0 ? { kind: 'hang' } : choose(UNREACHABLE, variant);
    case 'throttled':
      return choose(THROTTLED, variant);
    case 'denied':
      return choose(DENIED, variant);
    case 'missing':
      return choose(MISSING, variant);
    case 'torn':
      return choose(isListing(request) ? TORN_LISTINGS : TORN_BODIES, variant);
    case 'slow':
      return { kind: 'delay', ms: variant % 30 };
    case 'interleaved':
      return isListing(request) ? mixed : null;
    case 'stale':
      return null;
  }
}
