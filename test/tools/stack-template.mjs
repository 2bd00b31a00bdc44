#!/usr/bin/env node
// Writes those parts of packer/stack/gateway.yaml anew that follow from other files: the instance types, the
// policies of the instance, and the documents of Systems Manager. They lie between `# generated: NAME` and `# end`.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Document, visit } from 'yaml';
import { loadModule } from '../bench/load-module.mjs';

const PACKER = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../packer');
const FILE = path.join(PACKER, 'stack/gateway.yaml');
const DOCUMENTS = path.join(PACKER, 'ssm');

const { INSTANCE_TYPES } = await loadModule('agent/core/instance-types.ts');
const { policyDocument } = await loadModule('agent/core/policies.ts');

const ARM = INSTANCE_TYPES.filter(({ architecture }) => architecture === 'arm64');

/** `gateway-restart.yaml` becomes the resource GatewayRestartDocument; its lines stay as they are. */
async function toDocument(file) {
  const name = path.basename(file, '.yaml');
  const id = name.replace(/(?:^|-)([a-z])/g, (_all, letter) => letter.toUpperCase());
  const lines = (await readFile(path.join(DOCUMENTS, file), 'utf8')).trimEnd().split('\n');
  // The comment at its head is for those who read the file.
  const content = lines.slice(lines.findIndex((line) => !line.startsWith('#')));
  return [
    `${id}Document:`,
    '  Type: AWS::SSM::Document',
    '  DependsOn: SecurityGroup',
    '  Properties:',
    `    Name: !Sub '\${System}-${name}'`,
    '    DocumentType: Command',
    '    DocumentFormat: YAML',
    '    UpdateMethod: NewVersion',
    '    TargetType: /AWS::EC2::Instance',
    "    Tags: [{Key: 'datomic:system', Value: !Ref System}]",
    '    Content:',
    ...content.map((line) => (line === '' ? '' : `      ${line}`)),
  ];
}

/** The placeholders of the policies, as CloudFormation calls them. */
const PSEUDO = { Account: 'AWS::AccountId', Partition: 'AWS::Partition', Region: 'AWS::Region' };

/** The same policy with `!Sub` where it names something of the stack. */
function toYaml(policy) {
  const document = new Document(policy);
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string') return;
      // CloudFormation reads YAML 1.1, in which a date without quotes is none of text.
      if (/^\d/.test(node.value)) node.type = 'QUOTE_SINGLE';
      if (!node.value.includes('${')) return;
      node.value = node.value.replace(/\$\{(\w+)\}/g, (_all, name) => `\${${PSEUDO[name] ?? name}}`);
      node.tag = '!Sub';
      node.type = 'QUOTE_SINGLE';
    },
  });
  return document.toString({ lineWidth: 0, singleQuote: true }).trimEnd().split('\n');
}

const documents = (await readdir(DOCUMENTS)).filter((file) => file.endsWith('.yaml')).sort();

const PARTS = {
  'instance policy': ['PolicyDocument:', ...toYaml(policyDocument('instance')).map((line) => `  ${line}`)],
  'logs policy': ['PolicyDocument:', ...toYaml(policyDocument('logs')).map((line) => `  ${line}`)],
  documents: (await Promise.all(documents.map(toDocument))).flat(),
  'instance types': INSTANCE_TYPES.map(({ name }) => `- ${name}`),
  'arm64 types': [`- [${ARM.map(({ name }) => name).join(', ')}]`],
  architectures: INSTANCE_TYPES.map(({ name, architecture }) => `${name}: {Architecture: ${architecture}}`),
};

const before = await readFile(FILE, 'utf8');
const seen = new Set();
const after = before.replace(
  /^( *)# generated: (.*)\n(?:(?! *# end\n).*\n)*( *# end\n)/gm,
  (_all, indent, name, end) => {
    const lines = PARTS[name];
    if (lines === undefined) throw new Error(`${FILE} asks for a part that is unknown: ${name}`);
    seen.add(name);
    return `${indent}# generated: ${name}\n${lines.map((line) => (line === '' ? '\n' : `${indent}${line}\n`)).join('')}${end}`;
  },
);
const missing = Object.keys(PARTS).filter((name) => !seen.has(name));
if (missing.length > 0) throw new Error(`${FILE} has no place for ${missing.join(', ')}`);

await writeFile(FILE, after);
