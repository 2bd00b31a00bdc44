import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Finding } from '../../agent/cli/doctor/finding.ts';
import { createRig, type Rig, type RigOptions } from '../support/rig.ts';
import { createCtl } from '../support/rig-ctl.ts';

const FILES = { 'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop]\n' };

async function createGateway(options: RigOptions = {}): Promise<Rig> {
  const rig = await createRig(options);
  await rig.sync(FILES);
  rig.start();
  await rig.waitForProven();
  return rig;
}

async function examine(rig: Rig, ...args: string[]) {
  const { stdout, code } = await createCtl(rig).run(...args, 'doctor', '--json');
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
  return { code, findings, of: (check: string) => findings.filter((finding) => finding.check === check) };
}

describe('a gateway that is well', () => {
  it('is found so, check by check', async () => {
    const rig = await createGateway();
    const { code, findings } = await examine(rig);
    expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual([
      'settings',
      'permissions',
      'source',
      'clock',
      'agent',
      'unit',
      'engine',
      'memory',
      'disk',
      'ports',
    ]);
    expect(code).toBe(0);
  });

  it('is told of in one line each', async () => {
    const rig = await createGateway();
    const { stdout, code } = await createCtl(rig).run('doctor');
    expect(code).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(10);
    for (const line of lines) expect(line).toMatch(/^ok {7}\w+ +\S/);
  });
});

describe('what is at fault is named with its remedy, and the exit code is 69', () => {
  it('settings, all at once', async () => {
    const rig = await createRig({ env: { GATEWAY_SOURCE: 'ftp://x', GATEWAY_DRAIN: 'soon' } });
    const { code, of } = await examine(rig);
    expect(code).toBe(69);
    expect(of('settings').map(({ message }) => message)).toEqual([
      expect.stringContaining('source.uri'),
      expect.stringContaining('restart.drain'),
    ]);
  });

  it('a bucket that is not there, and an agent that is not', async () => {
    const rig = await createRig({ hasBucket: false });
    const { code, of } = await examine(rig);
    expect(code).toBe(69);
    expect(of('source')).toMatchObject([
      { verdict: 'fault', remedy: expect.stringContaining('`source.uri`') },
    ]);
    expect(of('agent')).toMatchObject([{ verdict: 'fault', remedy: 'systemctl status gateway-agent' }]);
    expect(of('permissions')).toHaveLength(4);
    expect(of('clock')).toMatchObject([{ verdict: 'ok' }]);
  });

  it('a source that nobody reaches', async () => {
    const rig = await createRig({});
    await rig.proxy?.refuse();
    const { of } = await examine(rig);
    expect(of('source')).toMatchObject([{ verdict: 'fault' }]);
    expect(of('clock')).toMatchObject([{ verdict: 'warning', remedy: 'check the way to S3 first' }]);
  });

  it('a directory that everybody may write to, and memory that everybody may read', async () => {
    const rig = await createGateway({ source: 'directory' });
    chmodSync(`${rig.state}/requests`, 0o777);
    chmodSync(`${rig.state}/memory.json`, 0o644);
    const { code, of } = await examine(rig);
    expect(code).toBe(69);
    expect(of('permissions').map(({ remedy }) => remedy)).toEqual([
      `chmod o-w ${rig.state}/requests`,
      `chmod 600 ${rig.state}/memory.json`,
    ]);
  });

  it('a port that other machines can reach', async () => {
    const rig = await createRig({ source: 'directory' });
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(rig.port, '0.0.0.0', resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const { of } = await examine(rig);
    expect(of('ports')).toMatchObject([
      { verdict: 'fault', message: expect.stringContaining(`port ${rig.port} of the analytics process`) },
    ]);
  });

  it('an engine that does not answer although it should run', async () => {
    const rig = await createGateway({ source: 'directory' });
    await rig.stop();
    const { of } = await examine(rig);
    expect(of('agent')).toMatchObject([{ verdict: 'fault', message: expect.stringContaining('is gone') }]);
    expect(of('engine')).toMatchObject([{ message: expect.stringContaining('nothing listens') }]);
  });
});
