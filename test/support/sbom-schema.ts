import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';

/** The published schema of the version that the document names, strictly: what it does not know is a fault too. */
const VALIDATE = `
import json, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = open(sys.argv[1]).read()
validator = JsonStrictValidator(SchemaVersion.from_version(json.loads(text)["specVersion"]))
print(json.dumps([str(fault) for fault in validator.validate_str(text, all_errors=True) or []]))
`;

/** What the published JSON schema of CycloneDX finds wrong with a file; empty when it is valid. */
export async function findCycloneDxFaults(file: string): Promise<readonly string[]> {
  const python = path.join(inject('pythonBin'), 'python');
  const { stdout } = await promisify(execFile)(python, ['-c', VALIDATE, file], {
    maxBuffer: 64 * 1024 ** 2,
  });
  return JSON.parse(stdout) as string[];
}
