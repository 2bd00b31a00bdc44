// What answers around a gateway in a test's own network: says its name to every request, or plays instance metadata.
//
//   node vpc-server.mjs NAME=ADDRESS:PORT…    prints `ready` when all listen. NAME `metadata` is the stand-in of
//                                             instance metadata; its key pair is the content of KEY_PAIR_FILE.
import { readFileSync } from 'node:fs';
import http from 'node:http';

const identity = { instanceId: 'i-0123456789abcdef0', instanceType: 't3.large', region: 'eu-west-1' };

function answerMetadata(request, response) {
  const { method, url, headers } = request;
  if (method === 'PUT' && url === '/latest/api/token') return response.end('token');
  if (headers['x-aws-ec2-metadata-token'] !== 'token') return response.writeHead(401).end();
  if (url === '/latest/dynamic/instance-identity/document') return response.end(JSON.stringify(identity));
  if (url === '/latest/meta-data/public-keys/0/openssh-key') {
    const key = readFileSync(process.env.KEY_PAIR_FILE, 'utf8');
    return key === '' ? response.writeHead(404).end() : response.end(key);
  }
  return response.writeHead(404).end();
}

await Promise.all(
  process.argv.slice(2).map((argument) => {
    const [, name, address, port] = /^([^=]+)=(.+):(\d+)$/.exec(argument);
    const server = http.createServer(
      name === 'metadata' ? answerMetadata : (_request, response) => response.end(name),
    );
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(Number(port), address.replace(/^\[(.*)\]$/, '$1'), resolve);
    });
  }),
);
process.stdout.write('ready\n');
