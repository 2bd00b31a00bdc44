/** An operator's machine and a system in moto whose gateway is a real sshd; the network between both is a file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { findFreePort } from './free-port.ts';
import type { LaunchedGateway } from './operator-aws.ts';
import { createOperatorSystem, operatorEnv } from './operator-system.ts';
import { type Program, startProgram } from './rig-agent.ts';
import { childrenOf, type KeyPair, makeKeyPair, type Sshd, startSshd } from './sshd.ts';

const ROUTE = path.resolve('test/support/route.mjs');
export const GATEWAYCTL = path.resolve('dist/gatewayctl.cjs');
/** Where names inside the VPC lead at the server's end: loopback addresses that nobody else uses. */
const ENTRY_ADDRESS = '127.0.77.1';
const ANALYTICS_ADDRESS = '127.0.77.2';

export interface RunningGateway extends LaunchedGateway {
  readonly sshd: Sshd;
  readonly hostKey: KeyPair;
  readonly accessKey: KeyPair;
}

export type TunnelRig = Awaited<ReturnType<typeof createTunnelRig>>;

export async function createTunnelRig(endpoint: string) {
  const home = mkdtempSync(path.join(os.tmpdir(), 'gateway-operator-'));
  const system = await createOperatorSystem({ endpoint });
  const env = operatorEnv(endpoint, home);
  const routesFile = path.join(home, 'routes.json');
  const routes: Record<string, number> = {};
  const setRoute = (host: string, port: number) => {
    routes[host] = port;
    writeFileSync(routesFile, JSON.stringify(routes));
  };
  writeFileSync(routesFile, '{}');
  const programs: Program[] = [];
  const gateways: RunningGateway[] = [];
  const servers: http.Server[] = [];

  const putKeys = async (hostKey: KeyPair, accessKey: KeyPair) => {
    await system.put('datomic/access/private-keys/bastion', accessKey.privateKey);
    await system.put('datomic/access/private-keys/bastion.hostkey', `* ${hostKey.publicKey}\n`);
  };
  const listen = async (address: string, port: number, answer: (url: string) => string) => {
    const server = http.createServer((request, response) => response.end(answer(request.url ?? '')));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, address, resolve);
    });
    servers.push(server);
    return server;
  };

  const start = (args: readonly string[], extra: Readonly<Record<string, string>> = {}): Program => {
    const command = [process.execPath, GATEWAYCTL, ...args];
    const program = startProgram({ command, env: { ...env, ...extra }, cwd: home });
    programs.push(program);
    return program;
  };
  /** What stands for the network: ssh reaches the address that was looked up, or nothing. */
  const network = [
    '--ssho',
    `ProxyCommand=${process.execPath} ${ROUTE} ${routesFile} %h`,
    '--ssho',
    `User=${os.userInfo().username}`,
  ];

  return {
    home,
    env,
    system,
    routesFile,
    setRoute,
    putKeys,
    start,
    /** `client access SYSTEM …` or `analytics access SYSTEM …` over that network. */
    startTunnel: (kind: 'client' | 'analytics', port: number, ...more: string[]): Program =>
      start([kind, 'access', system.name, '--port', String(port), ...network, ...more]),
    network,
    /** Launches an instance in moto, with an sshd and keys of its own, all of it in the bucket. */
    async launchGateway(config: readonly string[] = []): Promise<RunningGateway> {
      const [hostKey, accessKey] = await Promise.all([makeKeyPair(), makeKeyPair()]);
      const launched = await system.launch();
      const port = await findFreePort();
      const sshd = await startSshd({ port, hostKey, accessKey, config, hosts: hostsOf(system.name) });
      setRoute(launched.publicIp, port);
      setRoute(launched.id, port);
      await putKeys(hostKey, accessKey);
      const gateway = { ...launched, sshd, hostKey, accessKey };
      gateways.push(gateway);
      return gateway;
    },
    /** The same instance, and what runs on it now. */
    async restartSshd(gateway: RunningGateway, changes: { hostKey?: KeyPair } = {}): Promise<RunningGateway> {
      const { hostKey, accessKey } = { ...gateway, ...changes };
      const { port } = gateway.sshd;
      const sshd = await startSshd({ port, hostKey, accessKey, hosts: hostsOf(system.name) });
      const restarted = { ...gateway, sshd, hostKey };
      gateways.push(restarted);
      return restarted;
    },
    /** Answers as the Datomic endpoint of the system, seen from the gateway. */
    listenAsDatomic: (answer: (url: string) => string) => listen(ENTRY_ADDRESS, 8182, answer),
    /** Answers as the analytics process, seen from the gateway. */
    listenAsEngine: (answer: (url: string) => string) => listen(ANALYTICS_ADDRESS, 8989, answer),
    keyFile: path.join(home, '.ssh', `datomic-default-${system.name}-bastion`),
    sshPids: (program: Program): number[] =>
      descendantsOf(program.pid).filter((pid) => nameOf(pid) === 'ssh'),
    async dispose(): Promise<void> {
      for (const program of programs) if (program.isRunning()) await program.end('SIGKILL');
      for (const { sshd } of gateways) await sshd.kill();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      system.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const hostsOf = (system: string) => ({
  localhost: ANALYTICS_ADDRESS,
  [`entry.${system}.eu-west-1.datomic.net`]: ENTRY_ADDRESS,
});

function descendantsOf(pid: number): number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(descendantsOf)];
}

export function nameOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    // Gone.
    return null;
  }
}
