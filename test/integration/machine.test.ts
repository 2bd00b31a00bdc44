import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { metadataEndpoint } from '../../agent/adapters/instance-metadata.ts';
import { createMachine } from '../../agent/adapters/machine.ts';
import { readMemoryLimit } from '../../agent/adapters/memory-limit.ts';
import { makeScratch } from '../support/scratch.ts';

const MIB = 1024 ** 2;
const CLOSED = { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9' };

async function layMachine(files: Readonly<Record<string, string>>) {
  const dir = await makeScratch();
  const all = { 'proc/meminfo': 'MemFree: 1 kB\nMemTotal:        8388608 kB\nSwapTotal: 0 kB\n', ...files };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return { procDir: join(dir, 'proc'), cgroupDir: join(dir, 'cgroup') };
}

describe('memory is the least of what kernel and control groups allow', () => {
  const V2 = { 'proc/self/cgroup': '0::/system.slice/gateway-agent.service\n' };
  const V1 = { 'proc/self/cgroup': '5:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/\n' };
  test.each([
    ['no control group', {}, false, 8_192],
    ['version 2 without a limit', { ...V2, 'cgroup/system.slice/memory.max': 'max\n' }, false, 8_192],
    [
      'version 2, a limit on the slice',
      { ...V2, 'cgroup/system.slice/memory.max': `${512 * MIB}\n` },
      false,
      512,
    ],
    ['version 2, a limit on the container', { ...V2, 'cgroup/memory.max': `${1_024 * MIB}\n` }, false, 1_024],
    [
      "version 2, the agent's own unit is limited and the engine has another",
      { ...V2, 'cgroup/system.slice/gateway-agent.service/memory.max': `${192 * MIB}\n` },
      false,
      8_192,
    ],
    [
      "version 2, the agent's own unit is limited and the engine is its child",
      { ...V2, 'cgroup/system.slice/gateway-agent.service/memory.max': `${192 * MIB}\n` },
      true,
      192,
    ],
    [
      'version 1',
      { ...V1, 'cgroup/memory/docker/abc/memory.limit_in_bytes': `${2_048 * MIB}\n` },
      false,
      2_048,
    ],
    [
      'version 1 without a limit is a huge number',
      { ...V1, 'cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' },
      false,
      8_192,
    ],
    ['nonsense', { ...V2, 'cgroup/memory.max': '-5 potatoes' }, false, 8_192],
  ])('%s', async (_, files, isEngineInOwnGroup, mib) => {
    const places = await layMachine(files);
    expect(await readMemoryLimit({ ...places, isEngineInOwnGroup })).toBe(mib * MIB);
  });
});

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const DOCUMENT = JSON.stringify({ instanceId: 'i-1', instanceType: 't3.medium', region: 'eu-west-1', x: 1 });

/** Instance metadata that knows version 2 only. */
const answer: RequestListener = (request, response) => {
  if (request.method === 'PUT' && request.url === '/latest/api/token') {
    const isAsked = request.headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined;
    response.writeHead(isAsked ? 200 : 400).end('secret-token');
  } else if (request.headers['x-aws-ec2-metadata-token'] !== 'secret-token') {
    response.writeHead(401).end();
  } else if (request.url === '/latest/dynamic/instance-identity/document') {
    response.writeHead(200).end(DOCUMENT);
  } else {
    response.writeHead(404).end();
  }
};

function machineOf(environment: Readonly<Record<string, string>>, retryMs = [10]) {
  const onInstance = vi.fn();
  const machine = createMachine({ environment, isEngineInOwnGroup: false, retryMs, onInstance });
  onTestFinished(() => machine.close());
  return { machine, onInstance };
}

const KNOWN = { id: 'i-1', type: 't3.medium', region: 'eu-west-1' };

test('metadata is asked for with a token, in the background, and known afterwards', async () => {
  const { machine, onInstance } = machineOf(await serve(answer));
  expect(await machine.instance()).toBeNull();
  await expect.poll(() => machine.instance()).toEqual(KNOWN);
  expect(onInstance).toHaveBeenCalledExactlyOnceWith(KNOWN);
});

test('metadata that is late is asked again until it answers', async () => {
  let requests = 0;
  const { machine } = machineOf(
    await serve((request, response) => {
      requests += 1;
      if (requests < 4) response.writeHead(503).end();
      else answer(request, response);
    }),
  );
  await expect.poll(() => machine.instance()).toEqual(KNOWN);
});

test.each<[string, RequestListener]>([
  ['says nothing', () => undefined],
  ['begins and stalls', (_, response) => response.writeHead(200).write('x')],
  ['answers without end', (_, response) => response.writeHead(200).end(Buffer.alloc(1_000_000, 'x'))],
  ['answers with no document', (_, response) => response.writeHead(200).end('<html>')],
  ['answers with another document', (_, response) => response.writeHead(200).end('{"instanceId":7}')],
  ['cuts the line', (request) => request.socket.destroy()],
])('metadata that %s holds nothing up and is null', async (_, listener) => {
  let requests = 0;
  const { machine } = machineOf(
    await serve((request, response) => {
      requests += 1;
      listener(request, response);
    }),
    [60_000],
  );
  const before = performance.now();
  expect(await machine.instance()).toBeNull();
  expect(performance.now() - before).toBeLessThan(500);
  await expect.poll(() => requests).toBeGreaterThan(0);
  expect(await machine.instance()).toBeNull();
});

test('metadata that is turned off is never asked', async () => {
  let requests = 0;
  const environment = await serve((_, response) => {
    requests += 1;
    response.end();
  });
  const { machine } = machineOf({ ...environment, AWS_EC2_METADATA_DISABLED: 'true' });
  expect(await machine.instance()).toBeNull();
  expect(await machine.instance()).toBeNull();
  expect(requests).toBe(0);
});

test.each([
  [{}, 'http://169.254.169.254'],
  [{ AWS_EC2_METADATA_SERVICE_ENDPOINT: '' }, 'http://169.254.169.254'],
  [{ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'IPv6' }, 'http://[fd00:ec2::254]'],
  [{ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1'],
  [{ AWS_EC2_METADATA_DISABLED: 'TRUE' }, null],
])('the environment %j means %s', (environment, endpoint) => {
  expect(metadataEndpoint(environment)).toBe(endpoint);
});

test('the boot is known by its id, and without one each process is a boot of its own', async () => {
  const places = await layMachine({ 'proc/sys/kernel/random/boot_id': '0b5e-1\n' });
  const on = (procDir: string) => createMachine({ environment: CLOSED, isEngineInOwnGroup: false, procDir });
  expect(await on(places.procDir).bootId()).toBe('0b5e-1');
  expect(await on('/nonexistent').bootId()).toBe(`process-${process.pid}`);
});
