/** Every setting, once: loading, README and the CLI read this table. */
import {
  ANY_TEXT,
  COUNT,
  duration,
  ENDPOINT,
  isHostAndPort,
  LISTEN,
  list,
  NAME,
  ORIGIN,
  oneOf,
  PATH,
  type SettingFormat,
  SIZE,
  SOURCE_URI,
  UNIT,
} from './settings-formats.ts';

export interface SettingRow {
  readonly key: string;
  readonly env: string;
  /** As it would be written in the file; null: none. */
  readonly default: string | number | readonly string[] | null;
  readonly format: SettingFormat;
  /** For README; completes the row. */
  readonly doc: string;
}

const row = (
  key: string,
  env: string,
  fallback: SettingRow['default'],
  format: SettingFormat,
  doc: string,
): SettingRow => ({ key, env, default: fallback, format, doc });

export const SETTINGS_TABLE: readonly SettingRow[] = [
  row('system', 'GATEWAY_SYSTEM', null, NAME, 'the Datomic system; required with an S3 source'),
  row('region', 'AWS_REGION', null, NAME, 'default: from instance metadata'),
  row(
    'source.uri',
    'GATEWAY_SOURCE',
    null,
    SOURCE_URI,
    'required: `s3://BUCKET` (the original layout under the system’s name), `s3://BUCKET/PREFIX/` (that prefix is the etc directory) or `file:///DIR`',
  ),
  row('source.group', 'GATEWAY_GROUP', 'auto', NAME, '`auto` follows syncs and stays; or a group’s name'),
  row(
    'source.pollInterval',
    'GATEWAY_POLL_INTERVAL',
    '2s',
    duration(1),
    'how often the manifest is looked at',
  ),
  row(
    'source.listInterval',
    'GATEWAY_LIST_INTERVAL',
    '30s',
    duration(1),
    'how often the listing is, besides at once when the manifest changed',
  ),
  row(
    'source.settle',
    'GATEWAY_SETTLE',
    '15s',
    duration(0),
    'how long a listing without a matching manifest must stay the same',
  ),
  row(
    'source.settleDeletions',
    'GATEWAY_SETTLE_DELETIONS',
    '30s',
    duration(0),
    'the same when files are gone: other tools delete last',
  ),
  row(
    'source.limits.fileSize',
    'GATEWAY_LIMIT_FILE_SIZE',
    '1MiB',
    SIZE,
    'largest file; above it the snapshot is refused',
  ),
  row('source.limits.files', 'GATEWAY_LIMIT_FILES', 500, COUNT, 'most files'),
  row('source.limits.total', 'GATEWAY_LIMIT_TOTAL', '16MiB', SIZE, 'all files together'),
  row(
    'paths.state',
    'GATEWAY_STATE_DIR',
    '/var/lib/datomic-gateway',
    PATH,
    'releases, memory, requests, answers',
  ),
  row('paths.etc', 'GATEWAY_ETC_DIR', '/var/lib/datomic-analytics/etc', PATH, 'the live etc'),
  row('paths.run', 'GATEWAY_RUN_DIR', '/run/datomic-gateway', PATH, 'status.json'),
  row(
    'paths.started',
    'GATEWAY_STARTED_DIR',
    null,
    PATH,
    'the started copy; default `/run/datomic-analytics/started`, with the child supervisor `started` in `paths.run`',
  ),
  row(
    'analytics.supervisor',
    'GATEWAY_SUPERVISOR',
    'systemd',
    oneOf('systemd', 'child'),
    '`child` runs `analytics.command` itself',
  ),
  row(
    'analytics.unit',
    'GATEWAY_UNIT',
    'datomic-analytics.service',
    UNIT,
    'the unit of the analytics process',
  ),
  row(
    'analytics.command',
    'GATEWAY_COMMAND',
    null,
    list('texts, the program first', () => true),
    'required with the child supervisor',
  ),
  row('analytics.url', 'GATEWAY_ANALYTICS_URL', 'http://127.0.0.1:8989', ORIGIN, 'where the engine answers'),
  row(
    'analytics.engine',
    'GATEWAY_ENGINE',
    null,
    oneOf('presto', 'trino', 'stand-in'),
    'default: found by what lies in the home (`stand-in` is the test engine of this project)',
  ),
  row('analytics.home', 'GATEWAY_ENGINE_HOME', '/opt/datomic/analytics', PATH, 'the engine’s distribution'),
  row('analytics.java', 'GATEWAY_JAVA', null, PATH, 'the java program; default: the newest fitting one'),
  row(
    'analytics.queryMemory',
    'GATEWAY_QUERY_MEMORY',
    null,
    SIZE,
    'per-node query memory; default: the engine’s own',
  ),
  row(
    'analytics.clientEndpoint',
    'GATEWAY_CLIENT_ENDPOINT',
    'http://entry.{group}.{region}.datomic.net:8182/',
    ENDPOINT,
    'what a Datomic catalog without client map is given',
  ),
  row(
    'analytics.proofQuery',
    'GATEWAY_PROOF_QUERY',
    null,
    ANY_TEXT,
    'a query that schedules a split; default: per engine and connector',
  ),
  row(
    'access.permitOpen',
    'GATEWAY_PERMIT_OPEN',
    null,
    list('HOST:PORT', isHostAndPort),
    'where sshd forwards to; default: the entry hosts on 8182, loopback on 8989',
  ),
  row('restart.drain', 'GATEWAY_DRAIN', '60s', duration(0), 'longest wait for running queries'),
  row('restart.prove', 'GATEWAY_PROVE', '180s', duration(1), 'serving within this after a start'),
  row(
    'restart.proveFirst',
    'GATEWAY_PROVE_FIRST',
    '15m',
    duration(1),
    'the same for the first start after a boot',
  ),
  row('restart.stable', 'GATEWAY_STABLE', '30s', duration(0), 'without an exit for this long: proven'),
  row('restart.spacing', 'GATEWAY_RESTART_SPACING', '60s', duration(0), 'least time between two restarts'),
  row(
    'publish.stable',
    'GATEWAY_PUBLISH_STABLE',
    '75s',
    duration(0),
    'a release without restart is proven after this',
  ),
  row(
    'gate.connectors',
    'GATEWAY_CONNECTORS',
    ['datomic'],
    list('connector names', (value) => /^[a-z0-9_-]+$/.test(value)),
    'what a catalog may use',
  ),
  row(
    'gate.exposure',
    'GATEWAY_EXPOSURE',
    'hold',
    oneOf('hold', 'allow'),
    '`allow` turns off the hold of catalogs that show more than before',
  ),
  row(
    'http.listen',
    'GATEWAY_HTTP',
    '127.0.0.1:8991',
    LISTEN,
    '`/healthz /readyz /metrics /status`; `off` for none',
  ),
  row(
    'report.cloudwatch',
    'GATEWAY_CLOUDWATCH',
    'auto',
    oneOf('auto', 'off'),
    '`auto`: metrics to CloudWatch where the instance has an id',
  ),
  row(
    'report.compliance',
    'GATEWAY_COMPLIANCE',
    'auto',
    oneOf('auto', 'off'),
    '`auto`: compliance items to Systems Manager where the instance has an id',
  ),
];
