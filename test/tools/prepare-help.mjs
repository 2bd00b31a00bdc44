// The first lines of the bundle of `gatewayctl`: the help of every command as it was rendered at build time.
//
// Half of the start of a command goes into loading commander and defining all commands, only to print a text that is
// always the same. Where no terminal has a width of its own that text is printed at once. A test compares it with
// what commander says.

import { createRequire } from 'node:module';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';

/** Of the commands as they are in this checkout. */
async function renderAllHelp(root) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['agent/cli/help-texts.ts'],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    write: false,
  });
  const module = { exports: {} };
  const names = ['module', 'exports', 'require'];
  compileFunction(outputFiles[0].text, names)(module, module.exports, createRequire(path.join(root, 'x')));
  return module.exports.renderAllHelp();
}

export async function prepareHelp(root) {
  const texts = JSON.stringify(await renderAllHelp(root));
  return `if (/^(?:--help|-h)$/.test(process.argv.at(-1))) {
  const { fstatSync, writeSync } = require('node:fs');
  const text = ${texts}[process.argv.slice(2, -1).join(' ')];
  const { rdev } = fstatSync(1);
  // 259 is /dev/null; every other device may be a terminal.
  if (text !== undefined && (rdev === 0 || rdev === 259)) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(1, bytes, at);
      } catch (error) {
        if (error.code === 'EPIPE') return;
        if (error.code !== 'EAGAIN') throw error;
      }
    }
    return;
  }
}
`;
}
