import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Instance } from './instance.ts';

const run = promisify(execFile);

/** What the figure leaves out, as patterns of paths in the image. */
const LEFT_OUT = ['/opt/datomic/analytics/*', '/opt/java/*', '*/amazon-ssm-agent*'];

/**
 * What a bake has brought to a machine that is switched off again, in bytes: every file that it has added or changed
 * (a changed one counts whole), and the packages that provisioners install where they are missing, by their own word
 * on their size. All of those are counted, though the rig's base has them already; what they depend on is not.
 */
export async function measureAddedBytes({ dir }: Pick<Instance, 'dir'>): Promise<number> {
  const changes = path.join(dir, 'changes');
  const leaveOut = LEFT_OUT.flatMap((pattern) => ['!', '-path', `${changes}${pattern}`]);
  const { stdout } = await run('find', [changes, '-xdev', '-type', 'f', ...leaveOut, '-printf', '%s\n'], {
    maxBuffer: 64 * 1024 ** 2,
  });
  const files = sum(stdout);
  const root = (await run('test/tools/setup-e2e.sh')).stdout.trim();
  const script = `source packer/provisioners/distribution.sh
    dpkg-query --admindir="$1/var/lib/dpkg" --show --showformat='\${Installed-Size}\\n' "\${PACKAGES[@]}"`;
  const env = { ...process.env, BAKE_DIR: '/nonexistent', SYSTEM_BASE: 'debian12' };
  const packages = sum((await run('bash', ['-c', script, 'bash', root], { env })).stdout) * 1024;
  console.info(`added or changed ${(files / 1e6).toFixed(1)} MB, packages ${(packages / 1e6).toFixed(1)} MB`);
  return files + packages;
}

const sum = (lines: string): number =>
  lines
    .trim()
    .split('\n')
    .reduce((total, line) => total + Number(line), 0);
