// Carries the clients of the AWS SDK inside a bundle as one text that is compiled when it is first needed.
//
// Node parses the whole of a file before its first line runs, and the S3 client is more than half of the bundle:
// 20 of the 29 ms between an empty Node and the agent's first line. The first cycle works from disk and needs no
// client. A client that is imported late and as a plain module also loses its tree shaking: esbuild then keeps all
// its 100 commands. So the clients are bundled by themselves, shaken down to the names that this project imports,
// and together, since most of each is what all of them share; but for the one of EC2, which is larger than that.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

const CLIENT = /^@aws-sdk\/client-[\w-]+$/;
const NAMED_IMPORT = /^import\s*\{([^}]*)\}\s*from\s*'(@aws-sdk\/client-[\w-]+)'/gm;
const NAMESPACE = 'packed';
/** The modules that compile a text; the clients' own modules only name their parts. */
const SHARED = 'all';
/** Half of all by itself, since its hundreds of operations hang together: who does not use it compiles without. */
const APART = '@aws-sdk/client-ec2';
const APART_SHARED = 'apart';

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

/** The clients that one program reaches. */
async function findReachedClients({ entry, options }) {
  const { metafile } = await build({
    ...options,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  return [...new Set(imports.map((one) => one.path).filter((name) => CLIENT.test(name)))].sort();
}

/** A text of a megabyte costs each start 10 ms, even unread. Unpacking takes 5 ms, and only where it is used. */
export function compress(text) {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: 9, [BROTLI_PARAM_LGWIN]: 24 };
  return brotliCompressSync(text, { params }).toString('base64');
}

/** Two clients may export the same name. */
const aliasOf = (client, name) => `${client.replace(/\W/g, '_')}_${name}`;

/**
 * The plugin for one program, and the metafiles of what it packed so far, for the licences. `options` are those of
 * the bundle around. A name that is imported in a way that is not seen here fails the build: no matching export.
 */
export async function createLazyPacker({ root, sources, entry, options }) {
  const importedNames = await findImportedNames(path.join(root, sources));
  const clients = await findReachedClients({ entry, options });
  const metafiles = [];
  const namesOf = (client) => [...(importedNames.get(client) ?? [])].sort();

  const packAll = async (packed) => {
    const lines = packed.map((client) => {
      const names = namesOf(client).map((name) => `${name} as ${aliasOf(client, name)}`);
      return `export { ${names.join(', ')} } from '${client}';`;
    });
    const { outputFiles, metafile } = await build({
      ...options,
      stdin: { contents: lines.join('\n'), resolveDir: root },
      bundle: true,
      // Text that is compiled this way has no loader for `import()`; those of Node's own modules become `require`.
      supported: { 'dynamic-import': false },
      write: false,
      metafile: true,
    });
    metafiles.push(metafile);
    return `
      import { compileFunction } from 'node:vm';
      import { brotliDecompressSync } from 'node:zlib';
      const module = { exports: {} };
      const text = brotliDecompressSync(Buffer.from('${compress(outputFiles[0].text)}', 'base64')).toString();
      compileFunction(text, ['module', 'exports', 'require'], { filename: 'aws-clients.cjs' })(
        module, module.exports, require,
      );
      export const packed = module.exports;`;
  };

  const nameParts = (client) => {
    const names = namesOf(client).map((name) => `${aliasOf(client, name)}: ${name}`);
    return `import { packed } from '${client === APART ? APART_SHARED : SHARED}';\nexport const { ${names.join(', ')} } = packed;`;
  };

  const plugin = {
    name: 'pack-lazily',
    setup(bundler) {
      // Who does not use a name of it does not compile it.
      const resolve = ({ path: name }) => ({ path: name, namespace: NAMESPACE, sideEffects: false });
      bundler.onResolve({ filter: CLIENT }, resolve);
      bundler.onResolve(
        { filter: new RegExp(`^(?:${SHARED}|${APART_SHARED})$`), namespace: NAMESPACE },
        resolve,
      );
      const load = async (name) => {
        if (name === SHARED) return packAll(clients.filter((client) => client !== APART));
        return name === APART_SHARED ? packAll([APART]) : nameParts(name);
      };
      bundler.onLoad({ filter: /.*/, namespace: NAMESPACE }, async ({ path: name }) => ({
        contents: await load(name),
        resolveDir: root,
      }));
    },
  };
  return { plugin, metafiles };
}
