import { AgentError } from '../core/errors.ts';
import type { PacketFilter } from '../ports/access.ts';
import type { RunCommand } from './run-command.ts';

const NFT = '/usr/sbin/nft';

/** The kernel's nftables. One file is one transaction: it is in force whole, or what was before it is. */
export function createPacketFilter(options: {
  readonly rulesFile: string;
  readonly runCommand: RunCommand;
}): PacketFilter {
  const { rulesFile, runCommand } = options;
  return {
    async load() {
      const message = 'the packet filter cannot be loaded';
      const { status, stderr } = await runCommand(NFT, ['-f', rulesFile]).catch((cause: unknown) => {
        throw new AgentError('ACCESS_FAILED', message, { fields: { program: NFT }, cause });
      });
      if (status === 0) return;
      const reason = stderr.split('\n')[0] ?? '';
      throw new AgentError('ACCESS_FAILED', message, { fields: { program: NFT, status, reason } });
    },
  };
}
