/** What S3 and the network can do in a moment: live files stay, the reason is said, and all is well again by itself. */
import { describe, it } from 'vitest';
import { type Fault, isGetOf, type ProxiedRequest } from '../../support/fault-proxy.ts';
import { expectToOutlive, type Trouble } from '../../support/trouble.ts';

const everything = () => true;
const metaschemas = isGetOf('.edn');
const status = (code: number, name: string): Fault => ({ kind: 'status', status: code, code: name });

/** Meets the requests that match, and counts them. */
const meeting =
  (matches: (request: ProxiedRequest) => boolean, fault: Fault): Trouble =>
  (proxy) => {
    let met = 0;
    proxy.fault((request) => {
      const isMet = matches(request);
      if (isMet) met += 1;
      return isMet;
    }, fault);
    return { countTries: () => met, end: async () => proxy.clear() };
  };

const refusing: Trouble = async (proxy) => {
  await proxy.refuse();
  // Nothing arrives that could be counted.
  return { countTries: null, end: () => proxy.accept() };
};

describe('a source in trouble', () => {
  it.each<[title: string, trouble: Trouble, reason: string]>([
    ['403', meeting(everything, status(403, 'AccessDenied')), 'SourceDenied'],
    ['404 on the bucket', meeting(everything, status(404, 'NoSuchBucket')), 'SourceMissing'],
    ['500', meeting(everything, status(500, 'InternalError')), 'SourceUnreachable'],
    ['503', meeting(everything, status(503, 'SlowDown')), 'SourceThrottled'],
    ['connections refused', refusing, 'SourceUnreachable'],
    ['connections reset', meeting(everything, { kind: 'reset' }), 'SourceUnreachable'],
    ['a truncated body', meeting(metaschemas, { kind: 'truncate-body', afterBytes: 5 }), 'SourceTorn'],
    ['a body with another content', meeting(metaschemas, { kind: 'corrupt-body' }), 'SourceTorn'],
  ])('(%s) changes nothing, backs off and recovers without a restart of anything', (_, trouble, reason) =>
    expectToOutlive(trouble, reason),
  );
});
