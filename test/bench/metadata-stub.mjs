// A stand-in of instance metadata, version 2, so that the agent reports what it reports on an instance.

import http from 'node:http';

const TOKEN = 'token-of-the-metadata-stub';

export async function startMetadataStub(document) {
  const server = http.createServer((request, response) => {
    if (request.method === 'PUT' && request.url === '/latest/api/token') response.end(TOKEN);
    else if (request.headers['x-aws-ec2-metadata-token'] !== TOKEN) response.writeHead(401).end();
    else if (request.url === '/latest/dynamic/instance-identity/document')
      response.end(JSON.stringify(document));
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
