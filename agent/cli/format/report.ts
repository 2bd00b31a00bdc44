import type { DirectoryRead } from '../read-directory.ts';

/** What `validate` found, of all directories that it was given. */
export interface Report {
  readonly judged: readonly DirectoryRead[];
  /** The files of `--schema`, with their own findings. */
  readonly schemas: DirectoryRead;
  readonly isValid: boolean;
  /** Of this program. */
  readonly version: string;
}
