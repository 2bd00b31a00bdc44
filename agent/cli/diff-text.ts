import { printable, printDigest } from './print.ts';
import type { FileDiff } from './release-diff.ts';
import type { Style } from './style.ts';

/** As `diff -u` writes it, so that other tools can read it too. */
export function renderDiff(
  comparison: {
    readonly desired: string | null;
    readonly effective: string | null;
    readonly files: readonly FileDiff[];
  },
  style: Style,
): string {
  const { desired, effective, files } = comparison;
  const name = (digest: string | null) => (digest === null ? 'none' : printDigest(digest));
  if (desired === null) return 'There is no desired release yet.\n';
  if (files.length === 0) {
    return desired === effective
      ? `Desired and effective are the same release, ${name(desired)}.\n`
      : `Desired ${name(desired)} and effective ${name(effective)} have the same files.\n`;
  }
  const blocks = files.map(({ path, change, lines }) => {
    const file = printable(path);
    return [
      style.strong(change === 'added' ? '--- /dev/null' : `--- effective/${file}`),
      style.strong(change === 'removed' ? '+++ /dev/null' : `+++ desired/${file}`),
      ...(lines.length === 0 ? ['only secrets differ'] : lines.map((line) => paint(line, style))),
    ].join('\n');
  });
  return `${[`effective ${name(effective)} → desired ${name(desired)}`, ...blocks].join('\n')}\n`;
}

function paint(line: string, style: Style): string {
  const shown = printable(line);
  if (line.startsWith('@@')) return style.changed(shown);
  if (line.startsWith('+')) return style.good(shown);
  return line.startsWith('-') ? style.error(shown) : shown;
}
