import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, inject, it } from 'vitest';
import { makeScratch } from '../support/scratch.ts';

/** The built agent with this settings file, until it ends. */
async function runAgent(options: { text: string; env: Readonly<Record<string, string>> }) {
  const dir = await makeScratch();
  const file = path.join(dir, 'agent.json');
  await writeFile(file, options.text);
  const program = path.join(inject('bundleDir'), 'gateway-agent.cjs');
  const child = spawn(process.execPath, [program, '--once', '--config', file], { env: options.env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  return { exitCode, output, file };
}

it('an agent whose settings are wrong in three places exits 78 and names all three', async () => {
  const { exitCode, output, file } = await runAgent({
    text: '{\n  "source": { "uri": "s3://acme/prefix" },\n  "restart": { "drian": "5s" }\n}\n',
    env: { GATEWAY_POLL_INTERVAL: 'often' },
  });
  expect(exitCode).toBe(78);
  expect(output).toContain(`source.uri (${file}:2): expected a prefix that ends with a slash`);
  expect(output).toContain(`restart.drian (${file}:3): no such setting; did you mean restart.drain?`);
  expect(output).toContain(
    'source.pollInterval (environment variable GATEWAY_POLL_INTERVAL): expected a duration',
  );
});

it('an agent without a source exits 78 and says what is missing', async () => {
  const { exitCode, output } = await runAgent({ text: '{}', env: {} });
  expect(exitCode).toBe(78);
  expect(output).toContain('source.uri: required');
});
