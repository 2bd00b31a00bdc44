// version-info.json and sbom.cdx.json, from packages.tsv (name, version, package URL) and npm's SBOM of the programs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [work, target] = process.argv.slice(2);
const { GATEWAY_VERSION, GATEWAY_COMMIT, SYSTEM_BASE, CONNECTORS } = process.env;

const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

const release = readFileSync('/opt/java/engine/release', 'utf8');
const java = /^JAVA_VERSION="(.*)"/m.exec(release)?.[1] ?? 'unknown';
const jar = readdirSync('/opt/datomic/analytics/lib')
  .map((name) => /^(?:io\.trino_)?(presto|trino)-main-(\d[\w.]*)\.jar$/.exec(name))
  .find((found) => found !== null);
if (jar === undefined)
  throw new Error('the engine has neither presto-main-VERSION.jar nor trino-main-VERSION.jar');
const [, engine, engineVersion] = jar;
const os = Object.fromEntries(
  readFileSync('/etc/os-release', 'utf8')
    .split('\n')
    .filter((line) => line.includes('='))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).replaceAll('"', '')]),
);
const packages = readFileSync(path.join(work, 'packages.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => line.split('\t'))
  .map(([name, version, purl]) => ({ name, version, purl }));

const versions = {
  version: GATEWAY_VERSION,
  commit: GATEWAY_COMMIT,
  base: SYSTEM_BASE,
  system: os.PRETTY_NAME,
  architecture: process.arch === 'x64' ? 'x86_64' : process.arch,
  node: process.version.slice(1),
  java,
  engine: {
    name: engine,
    version: engineVersion,
    plugins: CONNECTORS.split(','),
    sha256: sha256(`${work}/engine.tar`),
  },
  systemd: execFileSync('systemctl', ['--version'], { encoding: 'utf8' }).split(/\s+/)[1],
  packages: packages.length,
};
writeFileSync(`${target}/version-info.json`, `${JSON.stringify(versions, null, 2)}\n`);

const component = (type, name, version, purl) => ({ type, 'bom-ref': purl, name, version, purl });
const npm = JSON.parse(readFileSync(path.join(work, 'sbom-npm.json'), 'utf8'));
const sbom = {
  $schema: npm.$schema,
  bomFormat: npm.bomFormat,
  specVersion: npm.specVersion,
  version: 1,
  metadata: {
    lifecycles: [{ phase: 'build' }],
    tools: npm.metadata.tools,
    component: component(
      'operating-system',
      'datomic-gateway-image',
      GATEWAY_VERSION,
      `pkg:generic/datomic-gateway-image@${GATEWAY_VERSION}?base=${SYSTEM_BASE}`,
    ),
  },
  components: [
    component('platform', 'node', versions.node, `pkg:generic/node@${versions.node}`),
    component('platform', 'java', java, `pkg:generic/java@${encodeURIComponent(java)}`),
    component('application', engine, engineVersion, `pkg:generic/${engine}@${engineVersion}`),
    ...npm.components,
    ...packages.map(({ name, version, purl }) => component('library', name, version, purl)),
  ],
  dependencies: npm.dependencies.filter(({ ref }) => npm.components.some((each) => each['bom-ref'] === ref)),
};
writeFileSync(`${target}/sbom.cdx.json`, `${JSON.stringify(sbom, null, 2)}\n`);
