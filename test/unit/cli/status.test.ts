import { describe, expect, it } from 'vitest';
import type { Status } from '../../../agent/core/status.ts';
import { condition, statusDocument } from '../../fakes/status.ts';
import { runCli } from '../../support/cli.ts';

const NOW = Date.parse('2026-01-01T12:04:31Z');

function show(
  status: Status | string,
  argv: readonly string[] = [],
  options: Parameters<typeof runCli>[1] = {},
) {
  const text = typeof status === 'string' ? status : `${JSON.stringify(status)}\n`;
  const readText = (path: string) => {
    if (path === '/run/datomic-gateway/status.json') return text;
    throw Object.assign(new Error('not there'), { code: 'ENOENT' });
  };
  return runCli(['status', ...argv], { now: NOW, readText, ...options });
}

const OTHER = {
  digest: '5b7720aa'.padEnd(64, '0'),
  snapshot: 'd'.repeat(64),
  at: '2026-01-01T12:03:10.000Z',
  by: 'ci',
};

describe('gatewayctl status', () => {
  it('is four lines when all is well', async () => {
    const { stdout, stderr, exitCode } = await show(statusDocument());
    expect(stdout.split('\n')).toEqual([
      'acme-prod  i-0abc  t3.large 8 GiB                  12:04:31Z',
      'SERVING    PrestoSQL 348, pid 2314, 3 d 4 h, heap 5.2 GiB, 2 queries running',
      'source     s3://acme-datomic…s/acme-prod/etc/   group acme-prod   polled 1 s ago',
      'effective  9c41f0e2   synced 11:58:02 by maria   proven 11:58:31',
      '',
    ]);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  });

  it('names a refused snapshot with the places of its first errors', async () => {
    const issue = {
      code: 'METASCHEMA_UNKNOWN_OPTION',
      severity: 'error' as const,
      path: 'datomic/shop.edn',
      line: 7,
      column: 5,
      message: ':rename-many is no option of a table',
      hint: 'did you mean :rename-many-table ?',
    };
    const refused = {
      snapshot: OTHER.digest,
      reason: '1 error',
      issues: [{ ...issue, severity: 'warning' as const, message: 'only a warning' }, issue],
      at: OTHER.at,
      by: 'ci',
    };
    const { stdout } = await show(statusDocument({ refused }));
    expect(stdout).toContain(
      'refused    5b7720aa   synced 12:03:10 by ci\n' +
        '           datomic/shop.edn:7:5  :rename-many is no option of a table\n',
    );
    expect(stdout).not.toContain('only a warning');
  });

  it.each<[string, Partial<Status>, string[]]>([
    [
      'a desired release that is not effective',
      { desired: OTHER, reason: 'drains 2 queries' },
      ['desired    5b7720aa   synced 12:03:10 by ci', 'doing      drains 2 queries'],
    ],
    [
      'a held deletion',
      {
        held: [
          {
            kind: 'deletion',
            snapshot: 'x',
            paths: ['datomic/a.edn', 'datomic/b.edn'],
            reason: 'r',
            at: '2026-01-01T10:20:00.000Z',
          },
        ],
      },
      ['held       deletion of 2 metaschemas since 10:20:00', 'datomic/a.edn, datomic/b.edn', '→ '],
    ],
    [
      'a quarantine',
      {
        quarantined: [
          {
            fingerprint: 'f',
            digest: OTHER.digest,
            reason: 'ended twice',
            log: ['boom'],
            at: OTHER.at,
            retryAt: null,
          },
        ],
      },
      ['quarantine 5b7720aa   since 12:03:10   until the configuration changes', 'ended twice', '| boom'],
    ],
    [
      'a time-out that is tried again',
      {
        quarantined: [
          {
            fingerprint: 'f',
            digest: OTHER.digest,
            reason: 'slow',
            log: [],
            at: OTHER.at,
            retryAt: '2026-01-01T12:09:31.000Z',
          },
        ],
      },
      ['next try in 5 m'],
    ],
    [
      'a pause',
      { paused: { at: OTHER.at, by: 'ann', reason: 'month end', until: null } },
      ['paused     until resumed by ann', 'month end'],
    ],
    [
      'a bad condition',
      { conditions: [condition('SourceReachable', 'False', 'no route')] },
      ['condition  SourceReachable=False Reason: no route'],
    ],
    [
      'a condition that only speaks when it must',
      { conditions: [condition('DriftRepaired', 'True', 'put right')] },
      ['condition  DriftRepaired Reason: put right'],
    ],
    [
      'nothing published',
      { effective: null, proven: null, desired: null },
      ['effective  nothing is published yet'],
    ],
    ['a release that is not proven', { proven: null }, ['not proven yet']],
  ])('shows %s', async (_, overrides, expected) => {
    const { stdout } = await show(statusDocument(overrides));
    for (const text of expected) expect(stdout).toContain(text);
  });

  it.each([
    ['stopped', 'STOPPED'],
    ['starting', 'STARTING'],
    ['running', 'NOT SERVING'],
    ['failed', 'FAILED'],
  ] as const)('of a process that is %s and not serving begins with %s', async (state, word) => {
    const status = statusDocument();
    const analytics = { ...status.analytics, state, serving: false };
    const { stdout } = await show({ ...status, analytics });
    expect(stdout.split('\n')[1]).toMatch(new RegExp(`^${word} `));
  });

  it('tells of a restart while it is news, and of a failed one for longer', async () => {
    const status = statusDocument();
    const restart = (at: string, outcome: 'done' | 'failed') => ({
      ...status,
      analytics: {
        ...status.analytics,
        lastRestart: {
          id: null,
          reason: 'catalog changed',
          outcome,
          at,
          drainMs: 3_000,
          stopMs: 2_000,
          startMs: 9_000,
          queriesKilled: [],
        },
      },
    });
    const news = 'last restart 11:58:09  catalog changed · drained 3 s · down 11 s · no query killed';
    expect((await show(restart('2026-01-01T11:58:09.000Z', 'done'))).stdout).toContain(news);
    expect((await show(restart('2026-01-01T09:58:09.000Z', 'done'))).stdout).not.toContain('last restart');
    expect((await show(restart('2025-12-31T09:58:09.000Z', 'failed'))).stdout).toContain(
      'last restart 2025-12-31 09:58:09  catalog changed · failed',
    );
  });

  it('keeps to the width of the terminal', async () => {
    const busy = statusDocument({
      desired: OTHER,
      paused: { at: OTHER.at, by: 'ann', reason: 'r', until: null },
      conditions: [
        condition('Healthy', 'False', 'a long sentence about what is the matter '.repeat(4).trim()),
      ],
      held: [
        {
          kind: 'exposure',
          snapshot: 'x',
          paths: [`catalog/${'x'.repeat(120)}.properties`],
          reason: 'r',
          at: OTHER.at,
        },
      ],
    });
    const { stdout } = await show(busy);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('says the same with and without colours', async () => {
    const status = statusDocument({ paused: { at: OTHER.at, by: 'ann', reason: 'r', until: null } });
    const plain = (await show(status)).stdout;
    const coloured = (await show(status, [], { isTTY: true })).stdout;
    expect(coloured).not.toBe(plain);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
    expect(coloured.replace(/\u001b\[[\d;]*m/g, '')).toBe(plain);
    expect((await show(status, [], { isTTY: true, env: { NO_COLOR: '1' } })).stdout).toBe(plain);
  });

  it('lets no text of others move the cursor or forge a line', async () => {
    const { stdout } = await show(
      statusDocument({ paused: { at: OTHER.at, by: '\u001b[2Jann\nSERVING', reason: '', until: null } }),
    );
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('by \\u{1b}[2Jann\\u{a}SERVING');
  });

  it('--json prints the document as it is', async () => {
    const text =
      '{"version":1, "at":"2026-01-01T12:04:31.000Z","analytics":{},"source":{},"agent":{"pid":1}}\n';
    expect((await show(text, ['--json'])).stdout).toBe(text);
  });

  it('says that a stale document is stale, and exits 69', async () => {
    const { stdout, stderr, exitCode } = await show(statusDocument(), [], { now: NOW + 3 * 3_600_000 });
    expect(stdout).toContain('SERVING');
    expect(stderr).toBe(
      'gatewayctl: this status is stale, written 3 h ago: the agent (pid 812) does not run or hangs.   [69]\n',
    );
    expect(exitCode).toBe(69);
  });

  it.each([
    ['is missing', 'ENOENT', 69, 'there is no status at /run/datomic-gateway/status.json'],
    ['may not be read', 'EACCES', 77, 'may not read /run/datomic-gateway/status.json'],
  ])('in a file that %s exits with the reason', async (_, code, exitCode, expected) => {
    const readText = (path: string) => {
      throw Object.assign(new Error(code), { code: path.endsWith('agent.json') ? 'ENOENT' : code });
    };
    const run = await runCli(['status'], { readText });
    expect(run).toMatchObject({ exitCode, stdout: '' });
    expect(run.stderr).toContain(expected);
  });

  it.each(['', '[]', '{"version":2}', 'null'])('in a file with %j exits 69', async (text) => {
    const run = await show(text);
    expect(run.exitCode).toBe(69);
    expect(run.stderr).toContain('no status document of version 1');
  });

  it('--watch draws until Ctrl-C; in a pipe only what changed', async () => {
    expect((await show(statusDocument(), ['--watch'], { draws: 3 })).stdout.match(/SERVING/g)).toHaveLength(
      1,
    );
    const onTerminal = await show(statusDocument(), ['--watch'], { draws: 3, isTTY: true });
    expect(onTerminal.stdout).toContain('SERVING');
    expect(onTerminal.exitCode).toBe(0);
  });

  it('--watch waits for the first status', async () => {
    const readText = () => {
      throw Object.assign(new Error('not there'), { code: 'ENOENT' });
    };
    const run = await runCli(['status', '--watch'], { readText, draws: 2 });
    expect(run.exitCode).toBe(69);
    expect(run.stdout).toContain('there is no status at');
  });
});
