// Carries the clients of the AWS SDK inside the bundle as text that is compiled when it is first needed.
//
// Node parses the whole of a file before its first line runs, and the S3 client is more than half of the bundle:
// 20 of the 29 ms between an empty Node and the agent's first line. The first cycle works from disk and needs no
// client. A client that is imported late and as a plain module also loses its tree shaking: esbuild then keeps all
// its 100 commands. So each client is bundled by itself, shaken down to the names that this project imports.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const NAMED_IMPORT = /^import\s*\{([^}]*)\}\s*from\s*'(@aws-sdk\/client-[\w-]+)'/gm;

/** Package to the names that any file below `directory` imports from it; types do not count. */
async function findImportedNames(directory) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
  const names = new Map();
  for (const file of files) {
    const text = await readFile(path.join(file.parentPath, file.name), 'utf8');
    for (const [, list, name] of text.matchAll(NAMED_IMPORT)) {
      const values = list.split(',').map((one) => one.trim().split(/\s+as\s+/)[0]);
      const known = names.get(name) ?? new Set();
      for (const value of values) if (value !== '' && !value.startsWith('type ')) known.add(value);
      names.set(name, known);
    }
  }
  return names;
}

/**
 * The plugin, and the metafiles of what it packed so far, for the licences. `options` are those of the bundle
 * around. A name that is imported in a way that is not seen here fails the build: it has no matching export.
 */
export async function createLazyPacker({ root, sources, options }) {
  const importedNames = await findImportedNames(path.join(root, sources));
  const metafiles = [];

  const pack = async (name) => {
    const names = [...(importedNames.get(name) ?? [])].sort();
    const { outputFiles, metafile } = await build({
      ...options,
      stdin: { contents: `export { ${names.join(', ')} } from '${name}';`, resolveDir: root },
      bundle: true,
      // Text that is compiled this way has no loader for `import()`; those of Node's own modules become `require`.
      supported: { 'dynamic-import': false },
      write: false,
      metafile: true,
    });
    metafiles.push(metafile);
    const filename = `${path.basename(name)}.cjs`;
    return `
      import { compileFunction } from 'node:vm';
      const packed = { exports: {} };
      const text = ${JSON.stringify(outputFiles[0].text)};
      compileFunction(text, ['module', 'exports', 'require'], { filename: '${filename}' })(
        packed, packed.exports, require,
      );
      export const { ${names.join(', ')} } = packed.exports;`;
  };

  const plugin = {
    name: 'pack-lazily',
    setup(bundler) {
      bundler.onResolve({ filter: /^@aws-sdk\/client-/ }, ({ path: name }) => ({
        path: name,
        namespace: 'packed',
        // Who does not use a name of it does not compile it.
        sideEffects: false,
      }));
      bundler.onLoad({ filter: /.*/, namespace: 'packed' }, async ({ path: name }) => ({
        contents: await pack(name),
        resolveDir: root,
      }));
    },
  };
  return { plugin, metafiles };
}
