import { type CompletionNode, type CompletionValue, listValued, nodeKey } from './completion-words.ts';

/** A script for zsh's own completion, with the descriptions of the help. Works from `fpath` and when it is sourced. */
export function renderZsh(nodes: readonly CompletionNode[], version: string): string {
  const commands = nodes.flatMap(({ path }) => (path.length === 0 ? [] : [nodeKey(path)]));
  return `#compdef gatewayctl
# zsh completion for gatewayctl ${version}, made by \`gatewayctl completion zsh\`
_gatewayctl() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]} at='' word
  local -i count=0 i
  local -a list
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    case \${words[i-1]} in
      (${listValued(nodes).join('|')}) continue ;;
    esac
    case $at/$word in
      (${commands.join('|')}) at=$at/$word count=0 ;;
      (*/-*) ;;
      (*) (( count += 1 )) ;;
    esac
  done
  case $at:$prev in
${nodes.flatMap(renderValues).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $at in
${nodes.map((node) => `      (${caseOf(node)}) list=(${node.options.flatMap(describeOption).join(' ')}) ;;`).join('\n')}
    esac
    _describe -o option list
    return
  fi
  case $at in
${nodes.map(renderArguments).join('\n')}
  esac
}
if [[ \${funcstack[1]} == _gatewayctl ]]; then
  _gatewayctl "$@"
else
  compdef _gatewayctl gatewayctl
fi
`;
}

const caseOf = ({ path }: CompletionNode): string => (path.length === 0 ? "''" : nodeKey(path));

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const describeWord = (name: string, description: string): string =>
  quote(`${name.replaceAll(':', '\\:')}:${description}`);

const describeOption = ({ long, short, description }: CompletionNode['options'][number]): readonly string[] =>
  [long, short].flatMap((name) => (name === null ? [] : [describeWord(name, description)]));

function renderValues(node: CompletionNode): readonly string[] {
  return node.options.flatMap(({ long, short, value }) => {
    if (value.kind === 'none') return [];
    const names = [long, short].flatMap((name) => (name === null ? [] : [`${nodeKey(node.path)}:${name}`]));
    return [`    (${names.join('|')}) ${complete(value)} return ;;`];
  });
}

function renderArguments(node: CompletionNode): string {
  if (node.subcommands.length > 0) {
    const list = node.subcommands.map(({ name, description }) => describeWord(name, description));
    return `    (${caseOf(node)}) list=(${list.join(' ')}); _describe command list ;;`;
  }
  const cases = node.arguments.map((value, index) => {
    const isLast = index === node.arguments.length - 1;
    return `(${isLast ? '*' : index}) ${complete(value)} ;;`;
  });
  const body = cases.length === 0 ? '' : ` case $count in ${cases.join(' ')} esac`;
  return `    (${caseOf(node)})${body} ;;`;
}

function complete(value: CompletionValue): string {
  switch (value.kind) {
    case 'words':
      return `list=(${value.words.map(quote).join(' ')}); _describe value list;`;
    case 'file':
      return '_files;';
    case 'directory':
      return '_files -/;';
    default:
      return ':;';
  }
}
