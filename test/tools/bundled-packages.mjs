// The packages that lie in the bundles, by what esbuild read, not by what package.json lists; and their licences.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** What may be bundled and passed on under Apache-2.0 without a lawyer. */
export const ALLOWED_LICENCES = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** Old packages have an object, or a list of them, where SPDX wants a name or an expression. */
function readLicenceName({ license, licenses }) {
  const named = license ?? (Array.isArray(licenses) && licenses.length === 1 ? licenses[0] : licenses);
  return typeof named === 'string' ? named : named?.type;
}

async function readPackage(root, directory) {
  const home = path.join(root, directory);
  const manifest = JSON.parse(await readFile(path.join(home, 'package.json'), 'utf8'));
  const files = (await readdir(home)).filter((entry) => /^(licen[cs]e|copying|notice)/i.test(entry)).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(home, file), 'utf8')));
  const { name, version } = manifest;
  return {
    name,
    version,
    licence: readLicenceName(manifest),
    text: texts.map((each) => each.trim()).join('\n\n'),
  };
}

/** Who says "Apache-2.0" and brings no text means the one that this project is under itself. */
function completeText(each, apacheText) {
  if (each.text !== '' || each.licence !== 'Apache-2.0') return each;
  return { ...each, text: `(The package brings no text of its own.)\n\n${apacheText}` };
}

/** What keeps a package out of the bundle; null when nothing does. */
export function findLicenceFault({ name, version, licence, text }) {
  if (!ALLOWED_LICENCES.includes(licence)) {
    return `${name} ${version} is under ${licence ?? 'a licence that it does not name'}, which may not be bundled (${ALLOWED_LICENCES.join(', ')}): use another package, or have it allowed in test/tools/bundled-packages.mjs`;
  }
  return text === '' ? `${name} ${version} brings no text of its licence, which has to be passed on` : null;
}

/**
 * `{name, version, licence, text}` of every package that any of the bundles read, sorted. That is more than has bytes
 * in them: constants are taken over from modules of which nothing else is left. Throws with all faults at once.
 */
export async function readBundledPackages(root, metafiles) {
  const directories = metafiles
    .flatMap(({ inputs }) => Object.keys(inputs))
    .map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0])
    .filter((directory) => directory !== undefined);
  const apacheText = (await readFile(path.join(root, 'LICENSE'), 'utf8')).trim();
  const read = await Promise.all([...new Set(directories)].map((directory) => readPackage(root, directory)));
  const packages = read.map((each) => completeText(each, apacheText));
  const faults = packages.map(findLicenceFault).filter((fault) => fault !== null);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const toKey = ({ name, version }) => `${name} ${version}`;
  return packages.sort((a, b) => (toKey(a) < toKey(b) ? -1 : 1));
}

/** All licences, one after the other, each below the name of its package. */
export function renderLicences(packages) {
  const entries = packages.map(({ name, version, licence, text }) => {
    const title = `${name} ${version} (${licence})`;
    return `${title}\n${'='.repeat(title.length)}\n\n${text}\n`;
  });
  return entries.join('\n');
}
