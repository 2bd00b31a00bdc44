import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/**
 * The time of a web server as it answers a HEAD request, or null without an answer or date. Whole seconds, and late
 * by the way back: good for minutes.
 */
export function readServerTime(url: string, timeoutMs: number): Promise<number | null> {
  const request = new URL(url).protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const outgoing = request(url, { method: 'HEAD', timeout: timeoutMs, agent: false }, (incoming) => {
      incoming.resume();
      const at = Date.parse(incoming.headers.date ?? '');
      resolve(Number.isNaN(at) ? null : at);
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(null));
    outgoing.on('close', () => resolve(null));
    outgoing.end();
  });
}
