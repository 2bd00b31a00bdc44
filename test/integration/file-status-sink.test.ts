import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFileStatusSink } from '../../agent/adapters/file-status-sink.ts';
import type { Status } from '../../agent/core/status.ts';
import { makeScratch } from '../support/scratch.ts';

const STATUS: Status = {
  version: 1,
  at: '2026-01-01T00:00:00.000Z',
  system: 'acme',
  instance: { id: null, type: null, memory: 0, cpus: 2 },
  agent: { version: '1', pid: 1, startedAt: '2026-01-01T00:00:00.000Z' },
  source: { uri: 'file:///x', group: null, groups: [], lastPollAt: null, lastSuccessAt: null, error: null },
  desired: null,
  effective: null,
  proven: null,
  held: [],
  metaschemas: [],
  refused: null,
  paused: null,
  quarantined: [],
  analytics: {
    state: 'stopped',
    serving: false,
    queriesRunning: 0,
    pid: null,
    startedAt: null,
    engine: null,
    heap: 0,
    restarts: 0,
    lastRestart: null,
  },
  reason: 'nothing to do',
  conditions: [],
};

test('the document is there as it was given, and the newest replaces it', async () => {
  const path = join(await makeScratch(), 'run', 'status.json');
  const sink = createFileStatusSink({ path });
  await sink.write({ ...STATUS, reason: 'first' });
  await sink.write(STATUS);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(STATUS);
});

test('what a killed agent left beside it is swept', async () => {
  const dir = await makeScratch();
  await writeFile(join(dir, '.status.json.4711-0123456789ab.partial'), '{');
  await createFileStatusSink({ path: join(dir, 'status.json') }).write(STATUS);
  expect(await readdir(dir)).toEqual(['status.json']);
});

test('a place that cannot be written is reported, with path and cause', async () => {
  const dir = await makeScratch();
  await writeFile(join(dir, 'file'), '');
  const path = join(dir, 'file', 'status.json');
  await expect(createFileStatusSink({ path }).write(STATUS)).rejects.toMatchObject({
    code: 'STATUS_FAILED',
    fields: { path, errno: expect.stringMatching(/^E/) },
  });
});
