import { examineDirectory, readMode } from '../../adapters/directory-condition.ts';
import { printBytes } from '../print.ts';
import { type Check, type Finding, fault, fine, warning } from './finding.ts';

/** Room for five releases at their largest, and for what a crash leaves. */
const LEAST_FREE_BYTES = 128 * 1024 * 1024;
const LEAST_FREE_FILES = 2_000;
const OTHERS = 0o077;

/** Directories and files: there, ours, not everybody's. */
export const checkPermissions: Check = async ({ settings, layout }) => {
  const { state, etc, run } = settings.paths;
  const places = [
    ['paths.state', state],
    ['paths.etc', etc],
    ['paths.run', run],
    ['requests', layout.requestsDir],
  ] as const;
  const findings = await Promise.all(places.map(([name, path]) => checkDirectory(name, path)));
  const mode = await readMode(layout.memoryFile);
  const isOpen = mode !== null && (mode & OTHERS) !== 0;
  const secrecy = isOpen
    ? [
        fault(
          'permissions',
          `${layout.memoryFile} has mode ${mode?.toString(8)}, and can hold secrets`,
          `chmod 600 ${layout.memoryFile}`,
        ),
      ]
    : [];
  const problems = [...findings.flat(), ...secrecy];
  return problems.length > 0 ? problems : [fine('permissions', 'the agent’s directories can be written to')];
};

async function checkDirectory(name: string, path: string): Promise<readonly Finding[]> {
  const found = await examineDirectory(path);
  if (found.kind === 'absent') {
    return [warning('permissions', `${path} (${name}) is not there`, 'start the agent once: it makes it')];
  }
  if (found.kind === 'no-directory') {
    return [
      fault(
        'permissions',
        `${path} (${name}) is no directory`,
        'remove what is there, or change the setting',
      ),
    ];
  }
  if (found.kind === 'denied' || !found.isWritable) {
    const remedy = 'run this as root or as the user of the agent; if it was, give the directory to that user';
    return [fault('permissions', `${path} (${name}) may not be written to`, remedy)];
  }
  if (found.isOpenToAll) {
    return [fault('permissions', `everybody may write to ${path} (${name})`, `chmod o-w ${path}`)];
  }
  return [];
}

/** Room on the disks that the agent writes to. */
export const checkDisk: Check = async ({ settings }) => {
  const { state, etc, run } = settings.paths;
  const findings = await Promise.all(
    [state, etc, run].map(async (path) => {
      const found = await examineDirectory(path);
      if (found.kind !== 'found') return [];
      const { freeBytes, freeFiles } = found;
      if (freeBytes < LEAST_FREE_BYTES) {
        const message = `${printBytes(freeBytes)} are free at ${path}`;
        return [fault('disk', message, `free space: at least ${printBytes(LEAST_FREE_BYTES)}`)];
      }
      if (freeFiles < LEAST_FREE_FILES) {
        return [fault('disk', `no more than ${freeFiles} files fit at ${path}`, 'remove small files')];
      }
      return path === state ? [fine('disk', `${printBytes(freeBytes)} are free at ${path}`)] : [];
    }),
  );
  return findings.flat();
};
