/**
 * A stub of the one endpoint of an npm registry that `npm audit` asks: the bulk advisories. It answers what it is told,
 * and knows no packages: every other request is 404, from which npm concludes that no fixed version exists.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

const BULK = '/-/npm/v1/security/advisories/bulk';

/** As the registry sends them: package to what is known of it. */
export type Advisories = Readonly<Record<string, readonly object[]>>;

export interface AdvisoriesStub {
  readonly url: string;
  /** Packages and versions of every question, one entry each. */
  readonly asked: Record<string, readonly string[]>[];
  /** From now on: these advisories, or this status, or this text where JSON is expected. */
  answer(next: Advisories | number | string): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** One advisory; the id must differ from those of other tests, since npm caches by it. */
export const advisory = (id: number, severity: string, range: string) => ({
  id,
  url: `https://github.com/advisories/GHSA-stub-${id}`,
  title: `Stub ${id}`,
  severity,
  vulnerable_versions: range,
  cwe: [],
  cvss: { score: 0, vectorString: null },
});

export async function startAdvisoriesStub(): Promise<AdvisoriesStub> {
  let next: Advisories | number | string = {};
  const asked: Record<string, readonly string[]>[] = [];
  const server = createServer(async (request, response) => {
    const bytes = Buffer.concat(await request.toArray());
    if (request.url !== BULK) return response.writeHead(404).end();
    const isPacked = request.headers['content-encoding'] === 'gzip';
    asked.push(JSON.parse((isPacked ? gunzipSync(bytes) : bytes).toString()));
    if (typeof next === 'number') return response.writeHead(next).end();
    const body = typeof next === 'string' ? next : JSON.stringify(next);
    return response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    answer: (value) => {
      next = value;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
