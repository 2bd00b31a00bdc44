/** What must lie in the bucket for a tunnel, and whether it does. */

const MAX_LINE = 64 * 1024;

/** The file of a private key as ssh wants it; null when the text is none. A missing last line end makes ssh refuse it. */
export function readPrivateKey(text: string): string | null {
  const trimmed = text.trim();
  const isKey = /^-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\n[\s\S]+\n-----END [A-Z ]*PRIVATE KEY-----$/.test(
    trimmed,
  );
  return isKey && text.length <= MAX_LINE ? `${trimmed.replaceAll('\r', '')}\n` : null;
}

/** Lines of a known_hosts file: hosts, kind and key, beside blank lines and comments; null when there is none. */
export function readKnownHosts(text: string): string | null {
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const isKnownHosts = keys.every((line) =>
    /^(?:@\S+ +)?\S+ +[a-z0-9@.-]+ +[A-Za-z0-9+/=]+(?: .*)?$/.test(line),
  );
  return keys.length > 0 && isKnownHosts && text.length <= MAX_LINE ? `${keys.join('\n')}\n` : null;
}

/** The original's names in `~/.ssh`; `region` is what was given on the command line. */
export function accessFileNames(system: string, region: string | null) {
  const keyFile = `datomic-${region ?? 'default'}-${system}-bastion`;
  return { keyFile, hostKeyFile: `${keyFile}.hostkey` };
}
