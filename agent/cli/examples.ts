import type { Command } from 'commander';

/** Examples of the commands that work where the agent is, or on a directory: call, and what comes of it. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  validate: [
    '$ gatewayctl validate config',
    '$ gatewayctl validate config --schema schema.edn --strict',
    '$ gatewayctl validate config --format github',
  ],
  plan: ['$ gatewayctl plan config', '$ gatewayctl plan new --from old'],
  explain: [
    '$ gatewayctl explain config --schema schema.edn',
    '$ gatewayctl explain config --from-gateway shop.orders',
  ],
  status: ['$ gatewayctl status', '$ gatewayctl status --watch'],
  restart: ["$ gatewayctl restart --reason 'new driver'", '$ gatewayctl restart --now --json'],
  poll: ['$ gatewayctl poll'],
  retry: ["$ gatewayctl retry --reason 'the backend is up again'"],
  allow: ['$ gatewayctl allow deletion', '$ gatewayctl allow exposure --snapshot 5b7720aa'],
  pause: ["$ gatewayctl pause --for 2h --reason 'month end'"],
  resume: ['$ gatewayctl resume'],
  history: ['$ gatewayctl history', '$ gatewayctl history --lines 100 --json'],
  logs: ['$ gatewayctl logs --lines 500', '$ gatewayctl logs --follow'],
  diff: ['$ gatewayctl diff'],
  size: [
    '$ gatewayctl size',
    '$ gatewayctl size --memory 8GiB --cpus 2 --engine trino',
    '$ gatewayctl size --types',
  ],
  doctor: ['$ gatewayctl doctor'],
  'first-boot': ['$ gatewayctl first-boot --wait 2m    as its unit runs it'],
  'engine prepare': ['$ gatewayctl engine prepare          as the unit of the engine runs it'],
  completion: [
    '$ source <(gatewayctl completion bash)               for this session',
    '$ gatewayctl completion zsh > ~/.zfunc/_gatewayctl   where fpath has ~/.zfunc',
  ],
};

/** Adds the examples to the help of all commands below a program. */
export function addExamples(parent: Command, before = ''): void {
  for (const command of parent.commands) {
    const name = `${before}${command.name()}`;
    const lines = EXAMPLES[name];
    if (lines !== undefined) {
      const title = lines.length === 1 ? 'Example:' : 'Examples:';
      command.addHelpText('after', ['', title, ...lines.map((line) => `  ${line}`)].join('\n'));
    }
    addExamples(command, `${name} `);
  }
}
