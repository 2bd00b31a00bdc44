/**
 * How the engine is started: everything is decided here and written down before the start, so that what starts it
 * (`systemd/analytics-run`) is a few lines of shell that choose nothing.
 */
import { readJvmOptions } from '../jvm-options.ts';
import { readEntries } from '../properties/entries.ts';
import type { SourceFile } from '../types.ts';
import type { JavaProgram } from './java.ts';
import type { EngineProfile } from './profile.ts';

/** In the started copy: the command, one argument a line, the program first. */
export const COMMAND_FILE = 'command';
/** In the started copy: the arguments of `java`, named by the command as `@FILE`. */
export const JAVA_ARGUMENTS_FILE = 'java.args';
/** In the started copy: links to the data directory, which is the working directory, and to the plugins. */
export const DATA_LINK = 'data';
export const PLUGIN_LINK = 'plugin';

export interface LaunchInputs {
  readonly profile: EngineProfile;
  readonly java: JavaProgram;
  /** File names in the engine's `lib`, in any order. */
  readonly jars: readonly string[];
  /** The engine's distribution. */
  readonly home: string;
  readonly pluginDir: string;
  readonly startedDir: string;
  /** The engine's data directory. */
  readonly dataDir: string;
  /** Of the release: `jvm.config` and `node.properties`. */
  readonly etc: readonly SourceFile[];
  /** What speeds up the start, on top of the options of the release. */
  readonly warmOptions: readonly string[];
}

export interface LaunchFile {
  readonly path: string;
  readonly text: string;
}

/**
 * The files that a start of a JVM needs in the started copy.
 *
 * - The class path is written out in a fixed order: the order of a directory is not, and an archive of classes fits
 *   only the very class path that it was made with.
 * - Temporary files lie in the data directory, which `analytics-run` empties: a process that is killed cleans up
 *   nothing, and `/tmp` is often mounted noexec, where the engines' native libraries cannot be loaded from.
 */
export function planJavaLaunch(inputs: LaunchInputs): readonly LaunchFile[] {
  const { profile, java, home, startedDir, dataDir } = inputs;
  const classPath = inputs.jars.toSorted().map((jar) => `${home}/lib/${jar}`);
  const node = readEntries(fileOf(inputs.etc, 'node.properties'));
  const options = [
    ...readJvmOptions(fileOf(inputs.etc, 'jvm.config')),
    ...inputs.warmOptions,
    '-cp',
    classPath.join(':'),
    `-Djava.io.tmpdir=${temporaryDirOf(dataDir)}`,
    ...[...node].filter(([key]) => key !== 'node.data-dir').map(([key, value]) => `-D${key}=${value}`),
    `-Dnode.data-dir=${dataDir}`,
    `-Dplugin.dir=${inputs.pluginDir}`,
    // Its own default is fifteen files of 100 MB of requests, beside a journal that tells what matters.
    '-Dhttp-server.log.max-size=16MB',
    '-Dhttp-server.log.max-history=3',
    // System properties win over the file on every engine, and the file must not know where it is copied to.
    `-Dcatalog.config-dir=${startedDir}/catalog`,
    `-Dconfig=${startedDir}/config.properties`,
    profile.mainClass,
  ];
  const command = [java.program, `@${startedDir}/${JAVA_ARGUMENTS_FILE}`];
  return [
    { path: JAVA_ARGUMENTS_FILE, text: options.map((option) => `${quoteArgument(option)}\n`).join('') },
    planCommand(command),
  ];
}

/** The command of what is no JVM: the stand-in engine. */
export function planCommand(command: readonly string[]): LaunchFile {
  return { path: COMMAND_FILE, text: command.map((argument) => `${argument}\n`).join('') };
}

export const temporaryDirOf = (dataDir: string): string => `${dataDir}/tmp`;

/** One argument of an argument file: quoted, since blanks separate and `#` begins a comment there. */
function quoteArgument(argument: string): string {
  return `"${argument.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function fileOf(etc: readonly SourceFile[], path: string): Uint8Array {
  return etc.find((file) => file.path === path)?.bytes ?? new Uint8Array();
}
