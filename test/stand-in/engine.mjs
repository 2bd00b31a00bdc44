// The stand-in engine: no analytics process, but the same HTTP surface as PrestoSQL (350 and earlier) or Trino, for
// tests and `make run`. It reads its started copy once, at start, and metaschemas continually, and can be told to
// misbehave. README.md beside this file says by what.
import { readConfiguration, readInstructions } from './configuration.mjs';
import { createLog } from './log.mjs';
import { createMetaschemas } from './metaschemas.mjs';
import { createRecord } from './record.mjs';
import { createServer } from './server.mjs';

const startedDir = process.env.GATEWAY_STARTED_DIR;
const style = process.env.STAND_IN_ENGINE === 'trino' ? 'trino' : 'presto';
const log = createLog(style);
const record = createRecord(process.env.STAND_IN_RECORD);

const exit = (code, why) => {
  log.info('LifeCycleManager', `stand-in engine ends: ${why}`);
  record.append({ kind: 'exit', code, why });
  process.exit(code);
};

if (startedDir === undefined) {
  log.error('Server', 'stand-in engine: GATEWAY_STARTED_DIR is not set; it names the started copy');
  process.exit(1);
}

const configuration = readConfiguration(startedDir);
record.append({ kind: 'start', files: configuration.digests });
const instructions = readInstructions({
  scriptFile: process.env.STAND_IN_SCRIPT,
  catalogs: configuration.catalogs,
  startNumber: record.countStarts(),
});
const metaschemas = createMetaschemas({
  dir: `${startedDir}/datomic`,
  log,
  lagMs: instructions.lagMs,
});

log.info('Server', `stand-in engine, ${style} style, pid ${process.pid}, started copy ${startedDir}`);
const state = { isStarting: true, isServing: false, beganAt: Date.now() };
const server = createServer({ style, state, configuration, instructions, metaschemas, log });

process.on('SIGTERM', () => {
  record.append({ kind: 'term' });
  if (instructions.ignoreTerm) {
    log.info('LifeCycleManager', 'stand-in engine ignores TERM, as it was told');
    return;
  }
  // A JVM that TERM ends exits with 128 + 15.
  setTimeout(() => exit(143, 'TERM'), instructions.termMs);
});

const after = (ms, action) => {
  if (ms !== null) setTimeout(action, ms);
};

/** PrestoSQL 350 exits with 1 when it refuses a catalog, Trino 476 with 100. */
const loadCatalogs = () => {
  for (const catalog of configuration.catalogs) {
    log.loadingCatalog(catalog);
    const refusal = catalog.refusal ?? (instructions.refuse === catalog.name ? 'stand-in.refuse' : null);
    if (refusal !== null) {
      log.refusedCatalog(catalog, refusal);
      exit(style === 'presto' ? 1 : 100, `catalog ${catalog.name} refused`);
    }
    log.addedCatalog(catalog);
  }
};

server.on('error', (error) => {
  log.error('Server', `stand-in engine cannot listen: ${error.message}`);
  exit(1, error.code ?? error.message);
});
server.listen(configuration.port, '127.0.0.1', () => {
  loadCatalogs();
  after(instructions.startMs, () => {
    state.isStarting = false;
    record.append({ kind: 'started' });
    log.info('Server', '======== SERVER STARTED ========');
    after(instructions.serveMs, () => {
      state.isServing = true;
      record.append({ kind: 'serving' });
      if (instructions.queryMs !== null) server.runLongQuery(instructions.queryMs, 'analyst');
    });
  });
});
after(instructions.exitAfterMs, () => exit(instructions.exitCode, 'told to exit'));
after(instructions.oomAfterMs, () => {
  log.plain('Terminating due to java.lang.OutOfMemoryError: Java heap space');
  exit(3, 'told to run out of memory');
});
metaschemas.watch(Number(process.env.STAND_IN_RELOAD_MS ?? 1_000));
