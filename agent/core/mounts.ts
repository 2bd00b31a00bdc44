/** Whether `path`, which must be resolved, lies on a file system that forbids to run what is on it. */
export function isMountedNoexec(mountinfo: string, path: string): boolean {
  let options = '';
  let longest = -1;
  for (const line of mountinfo.split('\n')) {
    const [, , , , point = '', flags = ''] = line.split(' ');
    const mount = unescapeOctal(point);
    const isAbove = mount === '/' || path === mount || path.startsWith(`${mount}/`);
    // Of two mounts on one place the later one is on top.
    if (point === '' || !isAbove || mount.length < longest) continue;
    longest = mount.length;
    options = flags;
  }
  return options.split(',').includes('noexec');
}

/** Blanks and backslashes of a path are written as `\040` there. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
