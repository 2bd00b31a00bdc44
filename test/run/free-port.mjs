import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** A loopback port that nothing listens on: `wanted` when that is free, else one that the kernel chooses. */
export async function findFreePort(wanted = 0) {
  const server = createServer();
  try {
    await new Promise((resolve, reject) => {
      server.once('error', reject).listen(wanted, '127.0.0.1', resolve);
    });
  } catch (error) {
    if (wanted === 0 || error.code !== 'EADDRINUSE') throw error;
    return await findFreePort();
  }
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The same port as last time, if it can be had: it is written into the engine's files, so another one is a restart. */
export async function keepPort(file) {
  const port = await findFreePort(readPort(file));
  writeFileSync(file, String(port));
  return port;
}

function readPort(file) {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return 0;
  }
}
