#!/usr/bin/env node
// A proxy between the agent and the S3 server, in a process of its own, so that nothing of it is measured. It does what
// S3 does on a bad day, when it is told: POST /-/fault?kind=403&times=2. POST /-/idle ends connections that nobody uses.
//
//   node test/soak/proxy.mjs http://127.0.0.1:5000     prints its own address

import http from 'node:http';

const target = new URL(process.argv[2]);
const agent = new http.Agent({ keepAlive: true });
const ERRORS = { 403: 'AccessDenied', 500: 'InternalError', 503: 'SlowDown' };
let fault = { kind: '', times: 0 };

const fail = (request, response) => {
  fault.times -= 1;
  request.resume();
  if (fault.kind === 'reset') return request.socket.resetAndDestroy();
  response.writeHead(Number(fault.kind), { 'content-type': 'application/xml' });
  return response.end(`<Error><Code>${ERRORS[fault.kind]}</Code><Message>told to</Message></Error>`);
};

const pass = (request, response) => {
  const { method, url, headers } = request;
  const { hostname, port } = target;
  const upstream = http.request({ hostname, port, method, path: url, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  upstream.on('error', () => response.destroy());
  request.pipe(upstream);
};

const server = http.createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, target);
  if (pathname === '/-/fault') {
    fault = { kind: searchParams.get('kind'), times: Number(searchParams.get('times')) };
    return response.end();
  }
  if (pathname === '/-/idle') {
    server.closeIdleConnections();
    return response.end();
  }
  return fault.times > 0 ? fail(request, response) : pass(request, response);
});
process.stdin.on('end', () => process.exit()).resume();
// Connections stay as they do with S3: none ends because the machine was slow for a while.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
