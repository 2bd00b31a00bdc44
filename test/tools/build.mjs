#!/usr/bin/env node
// Bundles the two programs, one CommonJS file each, and writes their licences and SBOM beside them. ESM bundles of pino
// and convict fail at start with "Dynamic require of node:os is not supported". The same commit gives the same bytes:
// no time stamps, no paths of this machine. SOURCE_COMMIT names the commit where there is no git (a tarball, a
// pipeline).
//
//   node test/tools/build.mjs [--outdir DIR]

import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { makeSbom } from './bundle-sbom.mjs';
import { readBundledPackages, renderLicences } from './bundled-packages.mjs';
import { createDeferrer } from './defer-commands.mjs';
import { createLazyPacker } from './pack-lazily.mjs';
import { prepareHelp } from './prepare-help.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const PROGRAMS = { 'gateway-agent': 'agent/main.ts', gatewayctl: 'agent/ctl.ts' };

/** How everything is bundled. */
const OPTIONS = {
  absWorkingDir: ROOT,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  // The SDK and most packages ship both forms; the ESM one can be shaken.
  mainFields: ['module', 'main'],
  logLevel: 'warning',
};

const { values } = parseArgs({ options: { outdir: { type: 'string', default: path.join(ROOT, 'dist') } } });
const outdir = path.resolve(values.outdir);

function readCommit() {
  if (process.env.SOURCE_COMMIT !== undefined) return process.env.SOURCE_COMMIT;
  try {
    const options = { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], options).trim();
  } catch {
    // Not a checkout, or no git on this machine: the version goes without its commit.
    return '';
  }
}

async function readVersion() {
  const { version } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
  const commit = readCommit();
  return commit === '' ? version : `${version}+${commit}`;
}

async function buildProgram({ name, entry, version, plugin, prelude = '', footer = '' }) {
  const outfile = path.join(outdir, `${name}.cjs`);
  const { metafile, warnings } = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    ...OPTIONS,
    // `node --enable-source-maps` finds the map beside the program and prints our own names and lines.
    sourcemap: 'linked',
    sourcesContent: false,
    define: { __VERSION__: JSON.stringify(version) },
    banner: { js: `#!/usr/bin/env node\n${prelude}` },
    footer: { js: footer },
    plugins: [plugin],
    metafile: true,
  });
  // `import.meta` has no meaning in CommonJS: esbuild warns and leaves an empty object, and the package that
  // asked would fail far from here. So a warning fails the build.
  if (warnings.length > 0) throw new Error(`${entry}: ${warnings.length} warnings of the bundler, see above`);
  await chmod(outfile, 0o755);
  const { size: bytes } = await stat(outfile);
  process.stdout.write(
    `${path.relative(process.cwd(), outfile)}  ${Math.round(bytes / 1024)} KiB  ${version}\n`,
  );
  return metafile;
}

await mkdir(outdir, { recursive: true });
const version = await readVersion();
const metafiles = [];
for (const [name, entry] of Object.entries(PROGRAMS)) {
  const packer = await createLazyPacker({ root: ROOT, sources: 'agent', entry, options: OPTIONS });
  // A command line is started for one command of many; the agent needs all that it has.
  const isCommandLine = name === 'gatewayctl';
  const define = { __VERSION__: JSON.stringify(version) };
  const options = { ...OPTIONS, define };
  const deferrer = { root: ROOT, entry, options, inner: [packer.plugin], metafiles };
  const parts = isCommandLine
    ? { ...(await createDeferrer(deferrer)), prelude: await prepareHelp(ROOT) }
    : { plugin: packer.plugin };
  metafiles.push(await buildProgram({ name, entry, version, ...parts }), ...packer.metafiles);
}
const packages = await readBundledPackages(ROOT, metafiles);
await writeFile(path.join(outdir, 'THIRD-PARTY-LICENSES.txt'), renderLicences(packages));
const programs = Object.keys(PROGRAMS).map((name) => path.join(outdir, `${name}.cjs`));
const sbom = await makeSbom({ root: ROOT, version, packages, programs });
await writeFile(path.join(outdir, 'sbom.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`);
process.stdout.write(`licences and SBOM of ${packages.length} bundled packages\n`);
