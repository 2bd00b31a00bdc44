import type { Cli } from '../context.ts';

export interface UploadBar {
  step(): void;
  end(): void;
}

/** A bar on the terminal for uploads and deletions; nothing where there is no terminal, or nothing to do. */
export async function createUploadBar(cli: Cli, total: number): Promise<UploadBar> {
  if (cli.stderr.isTTY !== true || total === 0) return { step: () => undefined, end: () => undefined };
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({
    format: 'uploading  {bar} {value}/{total}',
    barsize: 16,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    stream: cli.stderr,
  });
  bar.start(total, 0);
  return { step: () => bar.increment(), end: () => bar.stop() };
}
