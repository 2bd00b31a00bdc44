import type { Style } from '../style.ts';
import { formatGithub } from './github.ts';
import { formatJson } from './json.ts';
import type { FormatName } from './names.ts';
import type { Report } from './report.ts';
import { formatSarif } from './sarif.ts';
import { formatText } from './text.ts';

/** Gives the whole output, with its last line end. */
export type Format = (report: Report, style: Style) => string;

const TABLE = {
  text: formatText,
  json: formatJson,
  github: formatGithub,
  sarif: formatSarif,
} satisfies Record<FormatName, Format>;

export const formats: ReadonlyMap<string, Format> = new Map(Object.entries(TABLE));
