/** What an image of the tests is made of, gathered without downloads. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { makePackage } from './stand-in-packages.ts';

const run = promisify(execFile);

/**
 * What a pipeline tells `make ami`: PrestoSQL 350 with two of its plugins, this machine's Java 17, and the stand-ins of
 * Amazon's agents.
 */
export async function prepareParts(dir: string): Promise<Record<string, string>> {
  const { stdout } = await run('test/tools/setup-engine.sh', ['presto']);
  const [home = '', java = ''] = stdout.trim().split('\n');
  const engine = path.join(dir, 'engine');
  for (const part of ['lib', 'plugin/tpch', 'plugin/memory']) {
    await cp(path.join(home, part), path.join(engine, part), { recursive: true });
  }
  // Debian's Java has links to /etc, which a distribution of Java has not.
  const javaHome = path.join(dir, 'java');
  await mkdir(javaHome);
  const pack =
    'tar --create --dereference --exclude=jmods --exclude=src.zip --exclude=man --directory "$1" .';
  const unpack = 'tar --extract --directory "$2"';
  await run('bash', ['-c', `${pack} | ${unpack}`, 'bash', path.dirname(path.dirname(java)), javaHome]);
  const agent = await makePackage(dir, 'amazon-ssm-agent');
  const shipper = await makePackage(dir, 'amazon-cloudwatch-agent');
  return {
    ENGINE_FROM: engine,
    JAVA_FROM: javaHome,
    SSM_AGENT_FROM: agent,
    SSM_AGENT_SHA256: await sha256Of(agent),
    CLOUDWATCH_AGENT_FROM: shipper,
    CLOUDWATCH_AGENT_SHA256: await sha256Of(shipper),
  };
}

const sha256Of = async (file: string) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
