/**
 * The archive of loaded classes beside an engine, and whether a start may use it. The JVM itself ignores most of what
 * does not fit, but not all: Java 17 dies of SIGBUS of an archive that was cut short. So only a file whose bytes are
 * those that training wrote, for this very engine and Java, is ever handed to it.
 */
import { count, type Decoder, hexDigest, oneOf, shape, text } from '../../decode.ts';
import { canonicalJson, type Sha256 } from '../../digest.ts';
import { bindingOptions, optionsToUse, type WarmMethod } from './method.ts';

/** Below the engine's home. */
export const WARM_DIRECTORY = 'warm';
/** In it: what training made, and for what. Written last, so what it names is whole. */
export const ARCHIVE_RECORD = 'archive.json';
const RECORD_VERSION = 1;

/** Size and time of change, which the JVM compares too. */
export interface FileMark {
  readonly name: string;
  readonly size: number;
  readonly modifiedMs: number;
}

/** All that an archive depends on. */
export interface ArchiveGround {
  readonly method: WarmMethod;
  readonly home: string;
  /** For people, with its release: `PrestoSQL 350`. */
  readonly engine: string;
  readonly java: { readonly program: string; readonly version: string; readonly library: FileMark | null };
  /** Of the engine's `lib`. */
  readonly jars: readonly FileMark[];
  /** Of the plugins that are loaded. */
  readonly pluginJars: readonly FileMark[];
  /** As the release's `jvm.config` has them. */
  readonly jvmOptions: readonly string[];
}

export interface ArchiveRecord {
  readonly version: number;
  readonly engine: string;
  readonly java: string;
  /** Engine, Java and options: where it is another one, the archive is not used. */
  readonly key: string;
  /** Plugins: where it is another one, the archive is used, and training makes a new one. */
  readonly pluginsKey: string;
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
}

export const archiveRecord: Decoder<ArchiveRecord> = shape<ArchiveRecord>({
  version: count,
  engine: text,
  java: text,
  key: hexDigest<string>(),
  pluginsKey: hexDigest<string>(),
  file: oneOf('class-data.jsa', 'cache.aot'),
  size: count,
  sha256: hexDigest<string>(),
});

export const archiveFileOf = (method: WarmMethod): string =>
  method === 'aot-cache' ? 'cache.aot' : 'class-data.jsa';

/** The record of a file that training made on this ground. */
export function recordOf(
  ground: ArchiveGround,
  made: { readonly size: number; readonly sha256: string },
  sha256: Sha256,
): ArchiveRecord {
  const { method, home, engine, java, jars, pluginJars, jvmOptions } = ground;
  return {
    version: RECORD_VERSION,
    engine,
    java: java.version,
    key: sha256(
      canonicalJson({ method, home, engine, java, jars: byName(jars), options: bindingOptions(jvmOptions) }),
    ),
    pluginsKey: sha256(canonicalJson(byName(pluginJars))),
    file: archiveFileOf(method),
    ...made,
  };
}

export type ArchiveVerdict =
  | { readonly kind: 'fits'; readonly options: readonly string[]; readonly isUpToDate: boolean }
  | { readonly kind: 'unfit'; readonly reason: string };

/** Whether a start on this ground may use the file. `found` is the file as it lies there; null: it does not. */
export function judgeArchive(options: {
  readonly record: ArchiveRecord;
  readonly ground: ArchiveGround;
  /** Path of the file. */
  readonly path: string;
  readonly found: { readonly size: number; readonly sha256: string } | null;
  readonly sha256: Sha256;
}): ArchiveVerdict {
  const { record, ground, path, found, sha256 } = options;
  const unfit = (reason: string): ArchiveVerdict => ({ kind: 'unfit', reason });
  const wanted = recordOf(ground, { size: record.size, sha256: record.sha256 }, sha256);
  if (record.version !== wanted.version) return unfit('another version of this program made it');
  if (record.key !== wanted.key) return unfit(describeDifference(record, wanted));
  if (found === null) return unfit('it is gone');
  if (found.size !== record.size) return unfit(`it has ${found.size} bytes instead of ${record.size}`);
  if (found.sha256 !== record.sha256) return unfit('its bytes are not those that were written');
  return {
    kind: 'fits',
    options: optionsToUse(ground.method, path),
    isUpToDate: record.pluginsKey === wanted.pluginsKey,
  };
}

function describeDifference(record: ArchiveRecord, wanted: ArchiveRecord): string {
  if (record.engine !== wanted.engine) return `it was made for ${record.engine}, not for ${wanted.engine}`;
  if (record.java !== wanted.java) return `it was made for Java ${record.java}, not for ${wanted.java}`;
  return 'files of the engine or of Java, or options of the JVM, are not those that it was made with';
}

function byName(marks: readonly FileMark[]): readonly FileMark[] {
  return marks.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
