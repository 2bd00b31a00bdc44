import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { createProgram } from './program.ts';

/** The help of the program and of each command, by its words (`gateway status`), for a pipe: 80 columns. */
export function renderAllHelp(): Readonly<Record<string, string>> {
  let text = '';
  const stdout = {
    write: (part: string) => {
      text += part;
      return true;
    },
  };
  const context = { version: '', stdout, stderr: stdout } as unknown as CliContext;
  const program = createProgram(context, () => undefined);
  const texts: Record<string, string> = {};
  const render = (command: Command, words: readonly string[]): void => {
    text = '';
    command.outputHelp();
    texts[words.join(' ')] = text;
    for (const child of command.commands) render(child, [...words, child.name()]);
  };
  render(program, []);
  return texts;
}
