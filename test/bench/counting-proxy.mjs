// A proxy in front of the S3 server that counts what the agent asks for and notes when each answer was complete.

import http from 'node:http';

/** `onAnswer({method, url, headers, status, body, at})` is called when the last byte went to the client; `at` is performance.now(). */
export async function startCountingProxy({ target, onAnswer = () => undefined }) {
  const { hostname, port } = new URL(target);
  const agent = new http.Agent({ keepAlive: true });
  const counts = { requests: 0 };
  const server = http.createServer((request, response) => {
    counts.requests += 1;
    const { method, url, headers } = request;
    const upstream = http.request({ hostname, port, method, path: url, headers, agent }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        response.writeHead(answer.statusCode, answer.headers);
        response.end(body);
        onAnswer({ method, url, headers, status: answer.statusCode, body, at: performance.now() });
      });
    });
    upstream.on('error', () => response.destroy());
    request.pipe(upstream);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    counts,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
