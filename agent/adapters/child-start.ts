import { randomBytes } from 'node:crypto';
import { formatRunMarker } from '../core/engine/run-marker.ts';
import type { RunId } from '../core/types.ts';
import type { Clock } from '../ports.ts';
import { launchChild, TOKEN_VARIABLE } from './child-launch.ts';
import type { ChildLog } from './child-log.ts';
import type { ChildRecordFile } from './child-record.ts';
import { type Life, toRunId } from './child-run.ts';
import { countKernelOomKills, readBootId } from './process-table.ts';
import { createRunAge } from './run-age.ts';

/**
 * Spawns a child that waits for leave, and writes down which it is: when this resolves, `allow` may be called. When
 * it rejects, nothing was left behind.
 */
export async function prepareLife(options: {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly startedDir: string;
  readonly clock: Clock;
  readonly log: ChildLog;
  readonly recordFile: ChildRecordFile;
  /** The run whose lines stand in the log before this one's. */
  readonly previous: RunId | null;
}): Promise<Life> {
  const { clock, log, recordFile, previous } = options;
  const token = randomBytes(16).toString('hex');
  const env = { ...options.env, GATEWAY_STARTED_DIR: options.startedDir, [TOKEN_VARIABLE]: token };
  await log.rotate();
  const child = await launchChild({ ...options, env, logFile: log.file });
  try {
    const { pid, startTime } = child;
    const record = { pid, startTime, bootId: await readBootId(), token, startedAt: clock.now() };
    const run = toRunId(record);
    await recordFile.write(record);
    await log.append(formatRunMarker({ run, previous }));
    const oomKillsBefore = await countKernelOomKills();
    const age = createRunAge(clock);
    return {
      run,
      child,
      record,
      age,
      oomKillsBefore,
      gone: Promise.resolve(),
      isEnding: false,
      isReaped: false,
    };
  } catch (error) {
    child.dismiss();
    await child.ended;
    throw error;
  }
}
