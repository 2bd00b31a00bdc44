// Bake, boot and size of the image: what test/e2e/image/bake.e2e.test.ts prints while it bakes one and starts it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { judge } from '../judge.mjs';
import { round } from '../statistics.mjs';

const LIMITS = {
  'bake, without training': 60,
  'start of the unit to READY': 2,
  'content without engine, Java and SSM agent': 160,
};

export async function measureImage() {
  const title = 'Image';
  if (process.getuid?.() !== 0) {
    const notMeasured = [['The image', 'a container with systemd needs root']];
    return { title, rows: [], method: 'Not measured.', notMeasured };
  }
  const args = ['run', '--config', 'test/vitest.e2e.config.ts', 'test/e2e/image/bake'];
  const child = spawn('node_modules/.bin/vitest', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const [status] = await once(child, 'close');
  const found = [...output.matchAll(/figure: (.*): ([\d.]+) (\S+)/g)];
  if (status !== 0 || found.length < 4) throw new Error(`the bake failed:\n${output.slice(-4_000)}`);
  return {
    title,
    rows: found.map(([, what, value, unit]) => {
      const limit = LIMITS[what];
      const show = (number) => `${round(number, 1)} ${unit}`;
      return limit === undefined
        ? { what, measured: show(Number(value)) }
        : judge({ what, value: Number(value), limit, show });
    }),
    method:
      'One `make ami`, from gathering to the registered image, of PrestoSQL 350 with two plugins by Debian’s Packer into a container with systemd, by ssh on loopback, everything downloaded before; then that container started as EC2 would start the image. Content: every file that the bake has added or changed (Node, programs, units, configuration, package and machine records; a changed file counts whole) but engine, Java and SSM agent, and the installed size of all packages that provisioners install where they are missing, without what those depend on. Once, so a busy machine shows.',
  };
}
