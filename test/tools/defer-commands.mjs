// Carries what a program imports late inside its bundle as one compressed text, compiled when it is first needed.
//
// Node parses a bundle whole before its first line runs. Of `gatewayctl` the help, and the choice of a command, need
// a tenth: commander and the definitions of the commands. The rest, which the commands import when they run, is a
// second bundle inside the first. What both need (errors that are told apart by their class, commander) is handed in,
// so that there is one of it.

import path from 'node:path';
import { build } from 'esbuild';
import { compress } from './pack-lazily.mjs';

const LATE = 'late';
const SHARED = 'shared';
/** The module that compiles the text; the late modules' own stand-ins only name their parts. */
const STORE = 'store-of-late-modules';
/** Before the text, in the comment at the end of the bundle. */
const MARK = 'late:';
const isOwn = (name) => name.startsWith('.');

/** Own modules and packages that are there from the start, and those that only `import()` names. */
async function findTiers({ root, entry, options }) {
  const { metafile } = await build({
    ...options,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
  });
  const { inputs } = metafile;
  const early = new Set();
  const visit = (file) => {
    if (early.has(file)) return;
    early.add(file);
    for (const { path: target, kind } of inputs[file]?.imports ?? []) {
      if (kind !== 'dynamic-import' && !target.startsWith('node:')) visit(target);
    }
  };
  visit(entry);
  const late = new Set();
  for (const file of early) {
    for (const { path: target, kind } of inputs[file]?.imports ?? []) {
      if (kind === 'dynamic-import' && !target.startsWith('node:') && !early.has(target)) late.add(target);
    }
  }
  const toName = (file) => (inputs[file] === undefined ? file : path.join(root, file));
  return { early: new Set([...early].map(toName)), late: [...late].map(toName).sort() };
}

/** Plugin and footer for the bundle of `entry`. `inner` are the plugins of the text; `metafiles` gets what it packed. */
export async function createDeferrer({ root, entry, options, inner, metafiles }) {
  const { early, late } = await findTiers({ root, entry, options });
  const used = new Set();
  const nameOf = ({ path: name, resolveDir }) => (isOwn(name) ? path.resolve(resolveDir, name) : name);
  const keyOf = (name) => (path.isAbsolute(name) ? path.relative(root, name) : name);
  // Where the checkout lies must not show in the source map, neither as a name nor as the length of a line.
  const requestOf = (name) => (path.isAbsolute(name) ? `./${keyOf(name)}` : name);

  const sharing = {
    name: 'share-early-modules',
    setup(bundler) {
      bundler.onResolve({ filter: /.*/ }, (args) => {
        const name = nameOf(args);
        const isEarly = args.kind !== 'entry-point' && early.has(name) && !name.startsWith('node:');
        return isEarly ? { path: name, namespace: SHARED } : undefined;
      });
      bundler.onLoad({ filter: /.*/, namespace: SHARED }, ({ path: name }) => {
        used.add(name);
        return { contents: `module.exports = shared[${JSON.stringify(keyOf(name))}]();` };
      });
    },
  };

  const bundleLate = async () => {
    const parts = late.map(
      (name) => `${JSON.stringify(keyOf(name))}: () => require(${JSON.stringify(name)})`,
    );
    const { outputFiles, metafile } = await build({
      ...options,
      // The names of functions stay, for the one line that a bug prints.
      minifyIdentifiers: false,
      stdin: { contents: `module.exports = {${parts.join(', ')}};`, resolveDir: root },
      bundle: true,
      // Text that is compiled this way has no loader for `import()`; those of Node's own modules become `require`.
      supported: { 'dynamic-import': false },
      write: false,
      metafile: true,
      plugins: [sharing, ...inner],
    });
    metafiles.push(metafile);
    const shared = [...used]
      .sort()
      .map((name) => `${JSON.stringify(keyOf(name))}: () => require(${JSON.stringify(requestOf(name))})`);
    const store = `
      const { readFileSync } = require('node:fs');
      const { compileFunction } = require('node:vm');
      const { brotliDecompressSync } = require('node:zlib');
      const shared = {${shared.join(', ')}};
      let parts = null;
      const compile = () => {
        const module = { exports: {} };
        const bundle = readFileSync(__filename, 'latin1');
        const packed = bundle.slice(bundle.lastIndexOf('${MARK}') + ${MARK.length}, bundle.lastIndexOf('*/'));
        const text = brotliDecompressSync(Buffer.from(packed, 'base64')).toString();
        const names = ['module', 'exports', 'require', 'shared'];
        compileFunction(text, names, { filename: 'gatewayctl-commands.cjs' })(module, module.exports, require, shared);
        return module.exports;
      };
      module.exports = (name) => {
        parts ??= compile();
        return parts[name]();
      };`;
    return { store, text: compress(outputFiles[0].text) };
  };
  const { store, text } = await bundleLate();

  const plugin = {
    name: 'defer-commands',
    setup(bundler) {
      bundler.onResolve({ filter: /.*/ }, (args) => {
        if (args.path === STORE) return { path: STORE, namespace: LATE };
        const isLate = args.kind === 'dynamic-import' && late.includes(nameOf(args));
        return isLate ? { path: keyOf(nameOf(args)), namespace: LATE } : undefined;
      });
      bundler.onLoad({ filter: /.*/, namespace: LATE }, ({ path: key }) => ({
        contents: key === STORE ? store : `module.exports = require('${STORE}')(${JSON.stringify(key)});`,
        resolveDir: root,
      }));
    },
  };
  // A comment is passed over twice as fast as a text that is read.
  return { plugin, footer: `/*${MARK}${text}*/` };
}
