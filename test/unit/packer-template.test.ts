import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const PACKER = path.resolve(import.meta.dirname, '../../packer');
const read = (file: string) => readFile(path.join(PACKER, file), 'utf8');

/** Attributes and blocks of the first source or, by name, of every variable: name to text, comments left out. */
function readBody(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    if (/^\s*#/.test(line) || line.trim() === '') continue;
    const head = /^ {2}(?:dynamic ")?(\w+)"?\s*[={]/.exec(line)?.[1];
    if (head !== undefined) name = head;
    // Formatting lines attributes up by the longest name beside them.
    found.set(name, `${found.get(name) ?? ''}${line.trim().replace(/\s+/g, ' ')}\n`);
  }
  return found;
}

async function readSource(file: string): Promise<Map<string, string>> {
  const text = await read(file);
  const start = text.indexOf('source "amazon-ebs" "gateway" {\n');
  return readBody(text.slice(text.indexOf('\n', start), text.indexOf('\n}', start)));
}

/** What Packer 1.6 does not know. */
const NEWER = ['metadata_options', 'imds_support', 'deprecate_at', 'temporary_key_pair_type'];
/** What stands for EC2 and its machine. */
const TEST_ONLY = [
  'custom_endpoint_ec2',
  'skip_region_validation',
  'skip_credential_validation',
  'skip_metadata_api_check',
  'ssh_host',
  'ssh_port',
  'ssh_private_key_file',
];

describe('the source that the tests bake with', () => {
  it('is the real one but for what Packer 1.6 does not know and what stands for EC2', async () => {
    const [real, test] = [
      await readSource('source.pkr.hcl'),
      await readSource('../test/image/source.pkr.hcl'),
    ];
    for (const name of NEWER) expect(real.delete(name), name).toBe(true);
    for (const name of TEST_ONLY) expect(test.delete(name), name).toBe(true);
    expect(Object.fromEntries(test)).toEqual(Object.fromEntries(real));
    expect(real.size).toBeGreaterThan(20);
  });
});

describe('the real source', () => {
  it('takes tokens alone from metadata, and encrypts', async () => {
    const real = await readSource('source.pkr.hcl');
    expect(real.get('metadata_options')).toContain('http_tokens = "required"');
    expect(real.get('imds_support')).toContain('"v2.0"');
    expect(real.get('encrypt_boot')).toContain('true');
    expect(real.get('launch_block_device_mappings')).toContain('encrypted = true');
  });
});

describe('the template', () => {
  it('has a type and a description for each variable, and a check where any text would do harm', async () => {
    const text = await read('variables.pkr.hcl');
    const variables = [...text.matchAll(/^variable "(\w+)" \{\n([\s\S]*?)^\}/gm)];
    expect(variables.length).toBeGreaterThan(15);
    for (const [, name = '', body = ''] of variables) {
      const { type, description } = Object.fromEntries(readBody(body));
      expect(type, name).toMatch(/^type = (string|number|list\(string\)|map\(string\))/);
      expect(description, name).toMatch(/^description = "[A-Z].*\."/);
      if (!body.includes('default')) expect(body, `${name} is required`).toContain('validation {');
    }
  });

  it('uses every variable', async () => {
    const names = [...(await read('variables.pkr.hcl')).matchAll(/^variable "(\w+)"/gm)].map(
      ([, name]) => name,
    );
    const used = (await read('gateway.pkr.hcl')) + (await read('source.pkr.hcl'));
    expect(names.filter((name) => !used.includes(`var.${name}`))).toEqual([]);
  });

  it('runs every provisioner once, and those that end the bake from finish.sh', async () => {
    const build = await read('gateway.pkr.hcl');
    const finish = await read('provisioners/finish.sh');
    const scripts = (await readdir(path.join(PACKER, 'provisioners'))).filter((file) => file.endsWith('.sh'));
    for (const file of scripts) {
      const name = path.basename(file, '.sh');
      if (name === 'distribution') continue;
      const runs = build.split(`"${name}",`).length - 1 + (build.includes(`/${name}.sh"]`) ? 1 : 0);
      expect(runs + finish.split(`/${name}.sh"`).length - 1, name).toBe(1);
    }
  });

  it('expects at boot of ours what make install enables, and the SSM agent', async () => {
    const [, listed = ''] = /OUR_UNITS=\(([^)]*)\)/.exec(await read('provisioners/distribution.sh')) ?? [];
    const installed = await read('../systemd/installed-files.txt');
    const enabled = [...installed.matchAll(/^link .*\.wants\/(\S+)$/gm)].map(([, unit]) => unit);
    expect(enabled).toContain('gateway-agent.service');
    expect(listed.split(/\s+/).sort()).toEqual(['amazon-ssm-agent.service', ...enabled].sort());
  });

  it('says in one file alone what differs between distributions', async () => {
    for (const file of await readdir(path.join(PACKER, 'provisioners'))) {
      if (file === 'distribution.sh') continue;
      const text = await read(`provisioners/${file}`);
      expect(text, file).not.toMatch(/al2023|debian12|\b(?:apt-get|dpkg|dnf|rpm)\b/);
    }
  });

  it('holds no secret and no address of an account', async () => {
    for (const file of ['variables.pkr.hcl', 'source.pkr.hcl', 'gateway.pkr.hcl', 'plugins.pkr.hcl']) {
      expect(await read(file), file).not.toMatch(/AKIA|secret_key|access_key|password|token *=/);
    }
  });
});
