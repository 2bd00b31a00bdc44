// The software bill of materials of the two programs: what `npm sbom` says of the lock file, kept to what is in the
// bundles, with the checksums of the programs themselves.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** npm names the project by the directory of its checkout. */
const NAME = 'datomic-access-gateway';

/**
 * CycloneDX for all packages of the lock file. With `--omit=dev` npm also leaves out what production and development
 * both use (npm/cli issue 7909): here @opentelemetry/api, which is in the agent.
 */
async function askNpm(root) {
  const args = [
    'sbom',
    '--package-lock-only',

    '--sbom-format=cyclonedx',
    '--sbom-type=application',
  ];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: root, maxBuffer: 64 * 1024 ** 2 });
  return JSON.parse(stdout);
}

const isDevelopment = ({ properties }) =>
  properties.some(({ name }) => name === 'cdx:npm:package:development');

async function describeProgram(file) {
  const content = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  const name = path.basename(file);
  return { type: 'file', 'bom-ref': name, name, hashes: [{ alg: 'SHA-256', content }] };
}

/**
 * The document, the same for the same commit and npm: without serial number, time and the checkout's directory, which
 * npm puts in. A bundled package that npm does not count to production fails.
 */
export async function makeSbom({ root, version, packages, programs }) {
  const { serialNumber: _, ...npm } = await askNpm(root);
  const { timestamp: __, ...metadata } = npm.metadata;
  const listed = new Map(npm.components.map((each) => [each['bom-ref'], each]));
  const components = packages.map((each) => {
    const component = listed.get(`${each.name}@${each.version}`);
    if (component === undefined || isDevelopment(component)) {
      throw new Error(
        `${each.name} ${each.version} is in a bundle, but is no production dependency of the lock file`,
      );
    }
    // npm repeats what the lock file says, which is nothing for packages that state their licence the old way.
    return { ...component, licenses: [{ license: { id: each.licence } }] };
  });
  const own = metadata.component['bom-ref'];
  const kept = new Set([own, ...components.map((each) => each['bom-ref'])]);
  const dependencies = npm.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }));
  return {
    ...npm,
    metadata: {
      ...metadata,
      lifecycles: [{ phase: 'build' }],
      component: { ...metadata.component, name: NAME, version },
    },
    components: [...components, ...(await Promise.all(programs.map(describeProgram)))],
    dependencies,
  };
}
