import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

// Packages in CommonJS look for node's own modules by `require`, which a bundled module does not have.
const BANNER = `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(path.join(ROOT, 'package.json'))});`;

/** A module of the agent or of the tests' rigs as it is in this checkout, bundled as the programs are. */
export async function loadModule(name) {
  const { outputFiles } = await build({
    entryPoints: [path.join(ROOT, name)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: BANNER },
    write: false,
  });
  const source = Buffer.from(outputFiles[0].contents).toString('base64');
  return await import(`data:text/javascript;base64,${source}`);
}
