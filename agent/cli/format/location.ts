import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The path of a finding as tools around a checkout want it: relative to where the command runs, or as it is when it
 * lies outside. `inner` is empty for the directory itself.
 */
export function locate(directory: string, inner: string): string {
  const whole = path.join(directory, inner);
  const relative = path.relative('', whole);
  return relative === '' || relative.split(path.sep)[0] === '..' ? whole : relative;
}

/** The same as a URI reference: `config/datomic/a.edn`, or `file:///…` outside of the working directory. */
export function locateUri(directory: string, inner: string): string {
  const located = locate(directory, inner);
  if (path.isAbsolute(located)) return pathToFileURL(located).href;
  return located.split(path.sep).map(encodeURIComponent).join('/');
}
