import type { DirectoryRead } from '../read-directory.ts';
import type { Style } from '../style.ts';
import { formatGithub } from './github.ts';
import { formatJson } from './json.ts';
import type { FormatName } from './names.ts';
import { formatSarif } from './sarif.ts';
import { formatText } from './text.ts';

/** What `validate` found, of all directories that it was given. */
export interface Report {
  readonly judged: readonly DirectoryRead[];
  /** The files of `--schema`, with their own findings. */
  readonly schemas: DirectoryRead;
  readonly isValid: boolean;
  /** Of this program. */
  readonly version: string;
}

/** Gives the whole output, with its last line end. */
export type Format = (report: Report, style: Style) => string;

const TABLE = {
  text: formatText,
  json: formatJson,
  github: formatGithub,
  sarif: formatSarif,
} satisfies Record<FormatName, Format>;

export const formats: ReadonlyMap<string, Format> = new Map(Object.entries(TABLE));
