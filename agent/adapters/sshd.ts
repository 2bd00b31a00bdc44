import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLIENT_USER } from '../core/access/layout.ts';
import { readEffective } from '../core/access/permit-open.ts';
import { AgentError } from '../core/errors.ts';
import type { Sshd } from '../ports/access.ts';
import type { CommandResult, RunCommand } from './run-command.ts';

const SSHD = '/usr/sbin/sshd';
/** Of Amazon Linux, and of Debian. */
const UNITS = ['sshd.service', 'ssh.service'];

/** The system's sshd, by its own program and by systemd. */
export function createSshd(options: {
  readonly runCommand: RunCommand;
  /** Another configuration than the system's; for tests. */
  readonly configFile?: string;
}): Sshd {
  const configuration = options.configFile === undefined ? [] : ['-f', options.configFile];
  const run = (program: string, args: readonly string[]): Promise<CommandResult> =>
    options.runCommand(program, args).catch((cause: unknown) => {
      throw new AgentError('ACCESS_FAILED', 'sshd cannot be asked', { fields: { program }, cause });
    });
  return {
    async judge(permitOpen) {
      const dir = await mkdtemp(join(tmpdir(), 'gateway-sshd-'));
      try {
        // The same place that it will be included at: inside of a Match block, and nothing else around it.
        const file = join(dir, 'sshd_config');
        await writeFile(file, `Match User ${CLIENT_USER}\n${permitOpen}`);
        const connection = `user=${CLIENT_USER},host=localhost,addr=127.0.0.1`;
        const { status, stdout, stderr } = await run(SSHD, ['-T', '-f', file, '-C', connection]);
        const targets = status === 0 ? readEffective(stdout) : null;
        return targets === null
          ? { isValid: false, why: lastLine(stderr).replaceAll(file, 'the file') }
          : { isValid: true, targets };
      } catch (error) {
        if (error instanceof AgentError) throw error;
        throw new AgentError('ACCESS_FAILED', 'sshd cannot be asked', { fields: { dir }, cause: error });
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },

    async test() {
      const { status, stderr } = await run(SSHD, ['-t', ...configuration]);
      return status === 0 ? null : lastLine(stderr);
    },

    async reload() {
      for (const unit of UNITS) {
        const { stdout } = await run('systemctl', ['show', '--property=ActiveState', '--value', unit]);
        if (stdout.trim() !== 'active') continue;
        const { status, stderr } = await run('systemctl', ['reload', unit]);
        if (status === 0) return;
        const fields = { unit, reason: lastLine(stderr) };
        throw new AgentError('ACCESS_FAILED', 'sshd cannot be told to read its configuration', { fields });
      }
    },
  };
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';
