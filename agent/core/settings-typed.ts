/** The settings as the rest of the agent sees them: typed, in milliseconds and bytes. */
import { parseSourceUri, type SourceLocation } from './settings-source.ts';
import { type Address, parseAddress, parseDuration, parseHttpOrigin, parseSize } from './settings-values.ts';

export interface Settings {
  /** null only with a directory as source. */
  readonly system: string | null;
  /** null: ask the instance metadata. */
  readonly region: string | null;
  readonly source: {
    readonly uri: string;
    readonly location: SourceLocation;
    /** `auto`, or a group's name. */
    readonly group: string;
    readonly pollIntervalMs: number;
    readonly listIntervalMs: number;
    readonly settleMs: number;
    readonly settleDeletionsMs: number;
    readonly limits: { readonly fileSizeBytes: number; readonly files: number; readonly totalBytes: number };
  };
  readonly paths: {
    readonly state: string;
    readonly etc: string;
    readonly run: string;
    /** The started copy. */
    readonly started: string;
  };
  readonly analytics: {
    readonly supervisor: 'systemd' | 'child';
    readonly unit: string;
    /** Never null with the child supervisor. */
    readonly command: readonly string[] | null;
    /** Without a slash at its end. */
    readonly url: string;
    /** Host and port of `url`. */
    readonly listen: Address;
    readonly engine: 'presto' | 'trino' | 'stand-in' | null;
    readonly home: string;
    readonly java: string | null;
    readonly plugins: readonly string[];
    readonly queryMemoryBytes: number | null;
    readonly clientEndpoint: string;
    readonly proofQuery: string | null;
  };
  readonly access: { readonly permitOpen: readonly string[] | null };
  readonly restart: {
    readonly drainMs: number;
    readonly proveMs: number;
    readonly proveFirstMs: number;
    readonly stableMs: number;
    readonly spacingMs: number;
  };
  readonly publish: { readonly stableMs: number; readonly seenMs: number };
  readonly gate: { readonly connectors: readonly string[]; readonly exposure: 'hold' | 'allow' };
  readonly http: { readonly listen: Address | null };
  readonly report: { readonly cloudwatch: 'auto' | 'off'; readonly compliance: 'auto' | 'off' };
}

/** What commands that work without a gateway need: no source is required. */
export type LocalSettings = Omit<Settings, 'source'> & {
  readonly source: Omit<Settings['source'], 'uri' | 'location'> & {
    readonly uri: string | null;
    readonly location: SourceLocation | null;
  };
};

/** A setting's checked value by key, as it is written: `2s`, `64MiB`. */
export type SettingValues = (key: string) => unknown;

const DEFAULT_STARTED_DIR = '/run/datomic-analytics/started';

/** Types the checked values. Each cast restates what the key's format in the table has checked. */
export function toSettings(get: SettingValues): LocalSettings {
  const text = (key: string) => get(key) as string;
  const textOrNull = (key: string) => get(key) as string | null;
  const list = (key: string) => get(key) as readonly string[] | null;
  const ms = (key: string) => parseDuration(text(key)) ?? 0;
  const bytes = (key: string) => parseSize(text(key)) ?? 0;

  const uri = textOrNull('source.uri');
  const supervisor = text('analytics.supervisor') as Settings['analytics']['supervisor'];
  const run = text('paths.run');
  const url = text('analytics.url').replace(/\/$/, '');
  return {
    system: textOrNull('system'),
    region: textOrNull('region'),
    source: {
      uri,
      location: uri === null ? null : (parseSourceUri(uri) as SourceLocation),
      group: text('source.group'),
      pollIntervalMs: ms('source.pollInterval'),
      listIntervalMs: ms('source.listInterval'),
      settleMs: ms('source.settle'),
      settleDeletionsMs: ms('source.settleDeletions'),
      limits: {
        fileSizeBytes: bytes('source.limits.fileSize'),
        files: get('source.limits.files') as number,
        totalBytes: bytes('source.limits.total'),
      },
    },
    paths: {
      state: text('paths.state'),
      etc: text('paths.etc'),
      run,
      started:
        textOrNull('paths.started') ?? (supervisor === 'child' ? `${run}/started` : DEFAULT_STARTED_DIR),
    },
    analytics: {
      supervisor,
      unit: text('analytics.unit'),
      command: list('analytics.command'),
      url,
      listen: parseHttpOrigin(url) as Address,
      engine: textOrNull('analytics.engine') as Settings['analytics']['engine'],
      home: text('analytics.home'),
      java: textOrNull('analytics.java'),
      plugins: list('analytics.plugins') ?? [],
      queryMemoryBytes: get('analytics.queryMemory') === null ? null : bytes('analytics.queryMemory'),
      clientEndpoint: text('analytics.clientEndpoint'),
      proofQuery: textOrNull('analytics.proofQuery'),
    },
    access: { permitOpen: list('access.permitOpen') },
    restart: {
      drainMs: ms('restart.drain'),
      proveMs: ms('restart.prove'),
      proveFirstMs: ms('restart.proveFirst'),
      stableMs: ms('restart.stable'),
      spacingMs: ms('restart.spacing'),
    },
    publish: { stableMs: ms('publish.stable'), seenMs: ms('publish.seen') },
    gate: {
      connectors: list('gate.connectors') ?? [],
      exposure: text('gate.exposure') as Settings['gate']['exposure'],
    },
    http: { listen: text('http.listen') === 'off' ? null : parseAddress(text('http.listen')) },
    report: {
      cloudwatch: text('report.cloudwatch') as 'auto' | 'off',
      compliance: text('report.compliance') as 'auto' | 'off',
    },
  };
}
