import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findCycloneDxFaults } from '../support/sbom-schema.ts';
import { makeSbom } from '../tools/bundle-sbom.mjs';
import { readBundledPackages } from '../tools/bundled-packages.mjs';

interface Component {
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
}

const readBuilt = (name: string) => readFile(path.join(inject('bundleDir'), name), 'utf8');
const readSbom = async () => JSON.parse(await readBuilt('sbom.cdx.json'));

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'gateway-supply-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Packages by the places that source maps name: another witness than esbuild's list of what it read. */
async function findMappedPackages(): Promise<string[]> {
  const maps = ['gateway-agent.cjs.map', 'gatewayctl.cjs.map'];
  const sources = await Promise.all(maps.map(async (map) => JSON.parse(await readBuilt(map)).sources));
  const names = sources
    .flat()
    .map((source: string) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

describe('the SBOM of the programs', () => {
  it('is valid by the published schema of CycloneDX, which refuses a broken one', async () => {
    expect(await findCycloneDxFaults(path.join(inject('bundleDir'), 'sbom.cdx.json'))).toEqual([]);
    const broken = path.join(scratch, 'broken.cdx.json');
    await writeFile(broken, JSON.stringify({ ...(await readSbom()), components: [{ type: 'nonesuch' }] }));
    expect(await findCycloneDxFaults(broken)).not.toEqual([]);
  });

  it('names every package that lies in them, with the checksum of the lock file', async () => {
    const { components }: { components: Component[] } = await readSbom();
    const mapped = await findMappedPackages();
    expect(mapped.length).toBeGreaterThan(10);
    expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(mapped));
    // In the agent by prom-client, and left out by `npm sbom --omit=dev`.
    expect(mapped).toContain('@opentelemetry/api');
    const lock = JSON.parse(await readFile('package-lock.json', 'utf8'));
    const integrities = new Set(
      Object.values<{ integrity?: string }>(lock.packages).map(({ integrity }) => integrity),
    );
    for (const { name, purl, hashes } of components.filter((each) => each.purl !== undefined)) {
      expect(purl, name).toContain(`${name.replace('@', '%40')}@`);
      const [{ content } = { content: '' }] = hashes;
      expect(integrities, name).toContain(`sha512-${Buffer.from(content, 'hex').toString('base64')}`);
    }
  });

  it('has the checksums of the programs that it is about', async () => {
    const { components }: { components: Component[] } = await readSbom();
    for (const program of ['gateway-agent.cjs', 'gatewayctl.cjs']) {
      const bytes = await readFile(path.join(inject('bundleDir'), program));
      const content = createHash('sha256').update(bytes).digest('hex');
      expect(components.find(({ name }) => name === program)?.hashes).toEqual([{ alg: 'SHA-256', content }]);
    }
  });

  it('cannot be made when a package of development alone got into a bundle', async () => {
    const { version } = JSON.parse(await readFile('node_modules/vitest/package.json', 'utf8'));
    const packages = [{ name: 'vitest', version, licence: 'MIT', text: 'x' }];
    await expect(makeSbom({ root: '.', version: '0', packages, programs: [] })).rejects.toThrow(
      `vitest ${version} is in a bundle, but is no production dependency of the lock file`,
    );
  });
});

describe('the licences of the bundled packages', () => {
  /** Bundles' inputs with one package of this manifest and these files. */
  async function readOne(manifest: object, files: Record<string, string>) {
    const root = await mkdtemp(path.join(scratch, 'root-'));
    const home = path.join(root, 'node_modules/x');
    await mkdir(home, { recursive: true });
    await writeFile(path.join(root, 'LICENSE'), 'text of Apache');
    const contents = {
      'package.json': JSON.stringify({ name: 'x', version: '1.2.3', ...manifest }),
      ...files,
    };
    for (const [name, text] of Object.entries(contents)) await writeFile(path.join(home, name), text);
    return readBundledPackages(root, [{ inputs: { 'node_modules/x/index.js': {}, 'agent/main.ts': {} } }]);
  }

  it('lie beside the programs with their texts, one for each package of the SBOM', async () => {
    const text = await readBuilt('THIRD-PARTY-LICENSES.txt');
    const { components }: { components: Component[] } = await readSbom();
    const packages = components.filter(({ purl }) => purl !== undefined);
    expect(packages.length).toBeGreaterThan(50);
    for (const { name, version } of packages) {
      const [, body = ''] = text.split(new RegExp(`^${name} ${version} \\(.+\\)\n=+\n`, 'm'));
      expect(body.length, name).toBeGreaterThan(400);
    }
  });

  it.each([
    [{ license: 'GPL-3.0-only' }, 'x 1.2.3 is under GPL-3.0-only, which may not be bundled'],
    [{ license: 'MIT OR GPL-3.0-only' }, 'x 1.2.3 is under MIT OR GPL-3.0-only, which may not be bundled'],
    [{}, 'x 1.2.3 is under a licence that it does not name, which may not be bundled'],
    [{ licenses: [{ type: 'MIT' }, { type: 'WTFPL' }] }, 'which may not be bundled'],
  ])('fail the build when one is %j', async (manifest, message) => {
    await expect(readOne(manifest, { LICENSE: 'text' })).rejects.toThrow(message);
  });

  it('fail the build when there is no text to pass on', async () => {
    await expect(readOne({ license: 'MIT' }, {})).rejects.toThrow('brings no text of its licence');
  });

  it('pass on what a NOTICE says, and the common text of Apache where a package brings none', async () => {
    const files = { LICENSE: 'its text', NOTICE: 'its notice' };
    expect(await readOne({ license: 'Apache-2.0' }, files)).toMatchObject([
      { text: 'its text\n\nits notice' },
    ]);
    const [bare] = await readOne({ license: 'Apache-2.0' }, {});
    expect(bare?.text).toContain('text of Apache');
  });
});
