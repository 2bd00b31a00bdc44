import { Argument, type Command } from 'commander';
import type { Cli } from './context.ts';

export function addCompletion(program: Command, cli: Cli): void {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'for which shell').choices(['bash', 'zsh']))
    .action(async (shell: 'bash' | 'zsh') => {
      const { listNodes } = await import('./completion-words.ts');
      const nodes = listNodes(program);
      const { version } = cli;
      const script =
        shell === 'bash'
          ? (await import('./completion-bash.ts')).renderBash(nodes, version)
          : (await import('./completion-zsh.ts')).renderZsh(nodes, version);
      cli.stdout.write(script);
    });
}
