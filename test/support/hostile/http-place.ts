import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createS3ConfigSource } from '../../../agent/adapters/s3-source.ts';
import { createFaultProxy, type Fault, isListing, type ProxiedRequest } from '../fault-proxy.ts';
import { printPage, readContents } from '../listing-page.ts';
import { createTestClient } from '../moto.ts';
import { httpFaultOf } from './http-faults.ts';
import type { Place, PlaceParts } from './world-run.ts';

/** Long for a loopback, also on a busy machine. */
const CALL_TIMEOUT_MS = 3_000;

/** A prefix of a bucket of a real S3 server, read by the agent's own adapter through a proxy that makes faults. */
export async function createHttpPlace(
  { world, troubles, staleMs, random, hurry }: PlaceParts,
  where: {
    readonly endpoint: string;
    readonly bucket: string;
    readonly prefix: string;
    readonly writer: S3Client;
  },
): Promise<Place> {
  const { endpoint, bucket: Bucket, prefix, writer } = where;
  const { now } = world.clock;
  const proxy = await createFaultProxy({ target: endpoint });
  const client = createTestClient(proxy.url);
  const history: { readonly at: number; readonly page: string }[] = [];
  // Small pages show in few objects what a thousand and one would.
  const pageSize = [1, 2, 3, null, null][Math.floor(random() * 5)] ?? null;
  proxy.pageSize(pageSize);

  /** By continuation token. */
  const laterPages = new Map<string, string>();

  /** Two pages of one, the last objects first. */
  const reorder = (body: string): string => {
    const contents = readContents(body).toReversed();
    if (contents.length < 2) return body;
    const next = `page-${laterPages.size}`;
    const half = Math.ceil(contents.length / 2);
    laterPages.set(next, printPage({ prefix, contents: contents.slice(half) }));
    return printPage({ prefix, contents: contents.slice(0, half), next });
  };
  const remember = (page: string) => {
    if (page.includes('<IsTruncated>false')) history.push({ at: now(), page });
    return page;
  };
  const placeOf = (request: ProxiedRequest) =>
    isListing(request) ? 'list' : request.key.endsWith('manifest.json') ? 'manifest' : 'read';

  proxy.decide(async (request): Promise<Fault | null> => {
    const trouble = troubles.meet(placeOf(request));
    const honest: Fault | null =
      isListing(request) && pageSize === null ? { kind: 'rewrite', edit: remember } : null;
    const later = laterPages.get(request.query.get('continuation-token') ?? '');
    if (later !== undefined) {
      if (trouble?.kind === 'interleaved') await hurry();
      return { kind: 'answer', status: 200, body: later };
    }
    if (trouble === null) return honest;
    if (trouble.kind === 'interleaved') {
      await hurry();
      if (trouble.variant % 2 === 0) await hurry();
      if (honest !== null) return { kind: 'rewrite', edit: reorder };
    }
    if (trouble.kind === 'stale' && isListing(request)) {
      const old = history.findLast(({ at }) => at <= now() - (trouble.variant % (staleMs + 1)));
      // Of what was not looked at for so long nobody has an old listing.
      if (old !== undefined && now() - old.at <= staleMs) {
        return { kind: 'answer', status: 200, body: old.page };
      }
    }
    return httpFaultOf(trouble, request) ?? honest;
  });

  return {
    source: createS3ConfigSource({
      client,
      uri: `s3://${Bucket}/${prefix}`,
      system: null,
      group: 'acme',
      callTimeoutMs: CALL_TIMEOUT_MS,
    }),
    async put(_group, path, Body) {
      await writer.send(new PutObjectCommand({ Bucket, Key: `${prefix}${path}`, Body }));
    },
    async remove(_group, path) {
      await writer.send(new DeleteObjectCommand({ Bucket, Key: `${prefix}${path}` }));
    },
    async close() {
      client.destroy();
      await proxy.close();
    },
  };
}
