/** What can be typed where, from the tree of commands: the one source of the completion scripts. */
import type { Command, Option } from 'commander';

export interface CompletionOption {
  readonly long: string;
  readonly short: string | null;
  readonly description: string;
  /** What may follow: nothing, one of some words, a file, or anything. */
  readonly value: CompletionValue;
}

export type CompletionValue =
  | { readonly kind: 'none' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'directory' }
  | { readonly kind: 'any' };

export interface CompletionNode {
  /** Words from the program to here, without the program. */
  readonly path: readonly string[];
  readonly description: string;
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletionOption[];
  /** What its arguments are; the last one may repeat. */
  readonly arguments: readonly CompletionValue[];
}

/** All commands, groups before what stands below them; the program itself is the first. */
export function listNodes(program: Command): readonly CompletionNode[] {
  const global = optionsOf(program);
  const visit = (command: Command, path: readonly string[]): readonly CompletionNode[] => {
    const visible = command.createHelp().visibleCommands(command);
    const node: CompletionNode = {
      path,
      description: command.description(),
      subcommands: visible.map((one) => ({ name: one.name(), description: one.description() })),
      options: path.length === 0 ? global : [...optionsOf(command), ...global],
      arguments: command.registeredArguments.map((one) => describeValue(one.name(), one.argChoices)),
    };
    return [node, ...visible.flatMap((child) => visit(child, [...path, child.name()]))];
  };
  return visit(program, []);
}

function optionsOf(command: Command): readonly CompletionOption[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map((option: Option) => ({
      long: option.long ?? option.flags,
      short: option.short ?? null,
      description: option.description,
      value: option.required
        ? describeValue(option.name(), option.argChoices, option.flags)
        : { kind: 'none' },
    }));
}

/** Files and directories are told by their placeholders: `<file>`, `<dir>`. */
function describeValue(name: string, choices: readonly string[] | undefined, flags = name): CompletionValue {
  if (choices !== undefined) return { kind: 'words', words: choices };
  if (/<file>|^file$/.test(flags)) return { kind: 'file' };
  if (/<dir>|^dir$/.test(flags)) return { kind: 'directory' };
  return { kind: 'any' };
}

/** As the scripts name a place in the tree: `/gateway/restart`; nothing for the program itself. */
export const nodeKey = (path: readonly string[]): string => path.map((word) => `/${word}`).join('');

/** Options whose next word is their value, whatever command they belong to. */
export function listValued(nodes: readonly CompletionNode[]): readonly string[] {
  const names = nodes.flatMap(({ options }) =>
    options.flatMap(({ long, short, value }) =>
      value.kind === 'none' ? [] : short === null ? [long] : [long, short],
    ),
  );
  return [...new Set(names)].sort();
}
