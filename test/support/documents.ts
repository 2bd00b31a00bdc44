/** What a README says that can be held against the project: links, commands, targets, settings. Pure. */
import type { Command } from 'commander';

export interface Document {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
}

/** `null` for a file that is not there. */
export type ReadText = (path: string) => string | null;

const FENCE = /^```[\s\S]*?^```/gm;
const LINK = /\[([^\]]+)\]\(([^)\s]+)\)/g;

/** As GitHub makes them. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsOf = (text: string): readonly string[] =>
  [...text.replaceAll(FENCE, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

function resolvePath(from: string, target: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** A title stands in quotes, alone or with more before and after. */
const hasTitle = (source: string, title: string): boolean =>
  source.split('\n').some((line) => {
    const at = line.indexOf(title);
    return at > -1 && /['"`]/.test(line.slice(0, at));
  });

/** One sentence for each link that leads nowhere, or to a test that does not have the title it is named by. */
export function findBrokenLinks({ path, text }: Document, read: ReadText): readonly string[] {
  const links = [...text.replaceAll(FENCE, '').matchAll(LINK)];
  return links.flatMap(([, label = '', target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [file = '', anchor] = target.split('#');
    const to = file === '' ? path : resolvePath(path, file);
    const content = file === '' ? text : read(to);
    if (content === null) return [`${target} is not there`];
    if (anchor !== undefined && !anchorsOf(content).includes(anchor))
      return [`${target} has no such heading`];
    const title = label.replaceAll(/\s+/g, ' ');
    return to.endsWith('.test.ts') && !hasTitle(content, title) ? [`${to} has no test "${title}"`] : [];
  });
}

/** Code between backticks and in blocks, line by line. */
export function codeOf({ text }: Document): readonly string[] {
  const blocks = [...text.matchAll(FENCE)].flatMap(([block]) => block.split('\n').slice(1, -1));
  const spans = [...text.replaceAll(FENCE, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  return [...blocks, ...spans];
}

/** One sentence for each command line that `gatewayctl` would not take. */
export function findBrokenCommands(document: Document, program: Command): readonly string[] {
  const lines = codeOf(document).flatMap((code) => {
    const [, line] =
      /^(?:\$ |(?:- )?run: |entry: |node |sudo )*(?:dist\/)?gatewayctl(?:\.cjs)? (.*)$/.exec(code.trim()) ??
      [];
    return line === undefined ? [] : [line.replace(/(^| )#.*$/, '').replaceAll('\\|', '|')];
  });
  return lines.flatMap((line) => {
    let command = program;
    let options = [...program.options];
    for (const word of line.split(/\s+/)) {
      const next = command.commands.find((one) => one.name() === word);
      if (next !== undefined) {
        command = next;
        options = [...options, ...next.options];
      } else if (command === program && /^[a-z][a-z-]*$/.test(word)) {
        return [`gatewayctl has no command ${word}: ${line}`];
      } else if (!/^\[?-/.test(word)) {
        break;
      }
    }
    const unknown = [...line.matchAll(/(?<=^|[\s[(])(--[a-z-]+)/g)]
      .map(([, option]) => option)
      .filter((option) => !options.some(({ long }) => long === option) && option !== '--help');
    return unknown.map((option) => `gatewayctl ${command.name()} has no ${option}: ${line}`);
  });
}

/** Names of Make targets that a document uses. */
export const targetsIn = (document: Document): readonly string[] =>
  codeOf(document).flatMap((code) =>
    [...code.matchAll(/(?:^|[\s;&])make ([a-z][a-z0-9-]*)/g)].map(([, name = '']) => name),
  );

/** Dotted names that look like settings of one of these groups. */
export const settingsIn = (document: Document, groups: readonly string[]): readonly string[] =>
  codeOf(document).flatMap((code) => {
    const [, key, group = ''] = /^(([a-z]+)(?:\.[a-zA-Z]+)+)(?:=.*)?$/.exec(code) ?? [];
    return key !== undefined && groups.includes(group) ? [key] : [];
  });
