// consul-template on a local file, which is the one thing here that it can watch: it reads Consul, Vault, Nomad and
// files, not S3. It looks at a file's time stamp every 2 s.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createEnv } from './gateway.mjs';

/** Renders each of `files` below `source` as it is, below `target`. */
export function startConsulTemplate({ program, source, target, files, home }) {
  mkdirSync(home, { recursive: true });
  const args = files.flatMap((file, index) => {
    const template = path.join(home, `${index}.ctmpl`);
    writeFileSync(template, `{{ file ${JSON.stringify(path.join(source, file))} }}`);
    return ['-template', `${template}:${path.join(target, file)}`];
  });
  const child = spawn(program, [...args, '-log-level', 'warn'], {
    env: createEnv(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const gone = once(child, 'exit');
  return {
    pid: child.pid,
    async stop() {
      if (child.exitCode !== null) throw new Error(`consul-template ended with ${child.exitCode}: ${stderr}`);
      // It does not listen to TERM.
      child.kill('SIGINT');
      await gone;
    },
  };
}
