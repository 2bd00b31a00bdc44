import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A module of the agent as it is in this checkout, bundled as its programs are. */
export async function loadModule(name) {
  const { outputFiles } = await build({
    entryPoints: [path.join(ROOT, name)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
  });
  const source = Buffer.from(outputFiles[0].contents).toString('base64');
  return await import(`data:text/javascript;base64,${source}`);
}
