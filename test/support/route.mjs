#!/usr/bin/env node
// The network of the tunnel tests: `route.mjs ROUTES HOST` connects its input and output to the loopback port at which
// ROUTES, a JSON file, says that HOST answers. ssh runs it as ProxyCommand, so the host is the one that was looked up.
// A host without a route swallows what is sent, as a closed security group does.
import { readFileSync } from 'node:fs';
import net from 'node:net';

const [routes, host] = process.argv.slice(2);
const port = JSON.parse(readFileSync(routes, 'utf8'))[host];
if (port === undefined) {
  process.stdin.resume();
} else {
  const socket = net.connect({ host: '127.0.0.1', port });
  socket.on('error', (error) => {
    process.stderr.write(
      `connect to ${host}: ${error.code === 'ECONNREFUSED' ? 'Connection refused' : error.code}\n`,
    );
    process.exit(1);
  });
  socket.on('close', () => process.exit(0));
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
}
