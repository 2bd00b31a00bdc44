import { type CompletionNode, type CompletionValue, listValued, nodeKey } from './completion-words.ts';

/** A script for bash 3.2 and newer: macOS has none newer. It starts nothing, so Tab costs nothing. */
export function renderBash(nodes: readonly CompletionNode[], version: string): string {
  const commands = nodes.flatMap(({ path }) => (path.length === 0 ? [] : [nodeKey(path)]));
  return `# bash completion for gatewayctl ${version}, made by \`gatewayctl completion bash\`
_gatewayctl() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} at='' count=0 i word
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case \${COMP_WORDS[i - 1]} in
      ${listValued(nodes).join(' | ')}) continue ;;
    esac
    case $at/$word in
      ${commands.join(' | ')}) at=$at/$word count=0 ;;
      */-*) ;;
      *) count=$((count + 1)) ;;
    esac
  done
  case $at:$prev in
${nodes.flatMap(renderValues).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $at in
${nodes.map((node) => `      ${caseOf(node)}) _gatewayctl_words ${words(node.options.flatMap(spell))} ;;`).join('\n')}
    esac
    return
  fi
  case $at in
${nodes.map(renderArguments).join('\n')}
  esac
}
_gatewayctl_words() {
  COMPREPLY=($(compgen -W "$*" -- "$cur"))
}
_gatewayctl_files() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$1" -- "$cur"))
  compopt -o filenames 2>/dev/null
}
complete -F _gatewayctl gatewayctl
`;
}

const caseOf = ({ path }: CompletionNode): string => (path.length === 0 ? "''" : nodeKey(path));

const spell = ({ long, short }: CompletionNode['options'][number]): readonly string[] =>
  short === null ? [long] : [long, short];

const words = (list: readonly string[]): string => list.join(' ');

function renderValues(node: CompletionNode): readonly string[] {
  return node.options.flatMap((option) => {
    if (option.value.kind === 'none') return [];
    const patterns = spell(option).map((name) => `${nodeKey(node.path)}:${name}`);
    return [`    ${patterns.join(' | ')}) ${complete(option.value)} return ;;`];
  });
}

function renderArguments(node: CompletionNode): string {
  if (node.subcommands.length > 0) {
    return `    ${caseOf(node)}) _gatewayctl_words ${words(node.subcommands.map(({ name }) => name))} ;;`;
  }
  // The last argument may repeat: further words are like it.
  const cases = node.arguments.map((value, index) => {
    const isLast = index === node.arguments.length - 1;
    return `${isLast ? '*' : index}) ${complete(value)} ;;`;
  });
  const body = cases.length === 0 ? '' : ` case $count in ${cases.join(' ')} esac`;
  return `    ${caseOf(node)})${body} ;;`;
}

function complete(value: CompletionValue): string {
  switch (value.kind) {
    case 'words':
      return `_gatewayctl_words ${words(value.words)};`;
    case 'file':
      return '_gatewayctl_files -f;';
    case 'directory':
      return '_gatewayctl_files -d;';
    default:
      return ':;';
  }
}
