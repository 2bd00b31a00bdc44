import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Clojure and what it needs to start, by Maven coordinates and checksum of the jar. */
const JARS = [
  ['org.clojure:clojure:1.12.5', 'dfdee131460216a84fef22e537bb0d0579965f8f70338d748323dff26f8e5a8b'],
  ['org.clojure:spec.alpha:0.5.238', '94cd99b6ea639641f37af4860a643b6ed399ee5a8be5d717cff0b663c8d75077'],
  ['org.clojure:core.specs.alpha:0.4.74', 'eb73ac08cf49ba840c88ba67beef11336ca554333d9408808d78946e0feb9ddb'],
] as const;
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy';
const CACHE = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'),
  'datomic-access-gateway',
  'clojure',
);

/** What a reference reader made of a document: its value in the notation of `Reference.java`, or why not. */
export type Answer =
  | { readonly isRead: true; readonly value: string }
  | { readonly isRead: false; readonly why: string };

export interface Reference {
  /** Answers in the order of the documents. */
  readonly ask: (kind: 'edn' | 'properties', documents: readonly Uint8Array[]) => Promise<readonly Answer[]>;
  readonly close: () => Promise<void>;
}

/** Starts one JVM with the reference readers; fetches Clojure first, once, into the cache of the user. */
export async function startReference(): Promise<Reference> {
  const jars: string[] = [];
  for (const [coordinates, checksum] of JARS) jars.push(await fetchJar(coordinates, checksum));
  const program = path.resolve('test/e2e/readers/Reference.java');
  // UTC: `#inst` is read through the calendar of the default zone.
  const flags = ['-Xmx512m', '-Xss16m', '-Duser.timezone=UTC', '-cp', jars.join(path.delimiter)];
  const child = spawn('java', [...flags, program], { stdio: 'pipe' });
  let complaint = '';
  child.stderr.on('data', (part: Buffer) => {
    complaint = (complaint + part.toString()).slice(-2_000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async (kind, documents) => {
      const answers: Answer[] = [];
      const writing = writeAll(child, kind, documents);
      while (answers.length < documents.length) {
        const { done, value } = await lines.next();
        if (done === true) throw new Error(`the reference reader ended early: ${complaint}`);
        answers.push(parseAnswer(value));
      }
      await writing;
      return answers;
    },
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      await ended;
    },
  };
}

async function writeAll(
  child: ChildProcessWithoutNullStreams,
  kind: string,
  documents: readonly Uint8Array[],
): Promise<void> {
  for (const document of documents) {
    const isRoomy = child.stdin.write(`${kind} ${Buffer.from(document).toString('base64')}\n`);
    if (!isRoomy) await new Promise((resolve) => child.stdin.once('drain', resolve));
  }
}

function parseAnswer(line: string): Answer {
  const [word = '', encoded = ''] = line.split(' ');
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  return word === 'value' ? { isRead: true, value: text } : { isRead: false, why: text };
}

async function fetchJar(coordinates: string, checksum: string): Promise<string> {
  const [, artifact = '', version = ''] = coordinates.split(':');
  const jar = path.join(CACHE, `${artifact}-${version}.jar`);
  if (!existsSync(jar)) {
    const incoming = path.join(CACHE, `incoming-${process.pid}-${artifact}`);
    await mkdir(incoming, { recursive: true });
    await run('mvn', ['-q', '-B', COPY, `-Dartifact=${coordinates}`, `-DoutputDirectory=${incoming}`]);
    await rename(path.join(incoming, path.basename(jar)), jar);
    await rm(incoming, { recursive: true });
  }
  const found = createHash('sha256')
    .update(await readFile(jar))
    .digest('hex');
  if (found !== checksum) throw new Error(`${jar} has sha256 ${found}, expected ${checksum}: remove it`);
  return jar;
}
