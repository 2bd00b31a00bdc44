import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Every file and link below a directory, with what it holds: `path` to `mode owner sha256` or the link's target. */
export async function hashTree(dir: string): Promise<Map<string, string>> {
  const script = `cd "$1"
    find . -type f -printf '%P\\0' | sort -z | xargs -0 -r sha256sum -z | tr '\\0' '\\n' >"$2"
    find . \\( -type f -o -type l -o -type d \\) -printf '%P\\t%y %m %U:%G %l\\n' | sort`;
  const sums = `${dir}.sums`;
  const { stdout } = await promisify(execFile)('bash', ['-euc', script, 'bash', dir, sums], {
    maxBuffer: 64 * 1024 ** 2,
  });
  const { stdout: hashes } = await promisify(execFile)('cat', [sums], { maxBuffer: 64 * 1024 ** 2 });
  const found = new Map<string, string>();
  for (const line of stdout.split('\n').filter((each) => each !== '')) {
    const [file = '', facts = ''] = line.split('\t');
    found.set(`/${file}`, facts);
  }
  for (const line of hashes.split('\n').filter((each) => each !== '')) {
    const file = `/${line.slice(66)}`;
    found.set(file, `${found.get(file) ?? ''} ${line.slice(0, 64)}`);
  }
  return found;
}

/**
 * Paths that are not the same in both. A directory that one alone has counts by what lies in it: the container keeps
 * changes, and a directory is one as soon as something in it was.
 */
export function differingPaths(one: Map<string, string>, other: Map<string, string>): string[] {
  const isDirectory = (facts: string | undefined) => facts?.startsWith('d ') ?? true;
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((file) => one.get(file) !== other.get(file))
    .filter((file) => (one.has(file) && other.has(file)) || !isDirectory(one.get(file) ?? other.get(file)))
    .sort();
}

/** Patterns of packer/varying-files.txt. */
export async function readVaryingFiles(): Promise<RegExp[]> {
  const lines = (await readFile('packer/varying-files.txt', 'utf8')).split('\n');
  return lines
    .filter((line) => line.startsWith('/'))
    .map((line) => (line.split(/\s/)[0] ?? '').replaceAll('.', '\\.').replaceAll('*', '.*'))
    .map((pattern) => new RegExp(`^${pattern}$`));
}
