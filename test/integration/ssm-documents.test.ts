/** The documents' own scripts, run as the SSM agent runs them, against the built agent and the stand-in engine. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../agent/core/answer.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { createCtl } from '../support/rig-ctl.ts';
import { readDocument } from '../support/ssm-document.ts';
import { COMMAND_ID, runStep } from '../support/ssm-step.ts';

const FILES = { 'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop]\n' };
async function createGateway(): Promise<Rig> {
  const rig = await createRig({ source: 'directory' });
  await rig.sync(FILES);
  rig.start();
  await rig.waitForProven();
  return rig;
}

describe('the restart document', () => {
  it('restarts once and prints the answer as one line', async () => {
    const rig = await createGateway();
    const before = rig.status()?.analytics.pid;
    const { exitCode, stdout, stderr } = await runStep(rig, {
      given: { by: 'maria', reason: 'new driver, v1.2' },
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.split('\n')).toHaveLength(2);
    const answer = JSON.parse(stdout) as Answer;
    expect(answer).toMatchObject({
      id: `ssm-${COMMAND_ID}`,
      kind: 'restart',
      outcome: 'done',
      by: 'maria',
      reason: 'new driver, v1.2',
      pidBefore: before,
    });
    expect(rig.engineStarts()).toHaveLength(2);
  });

  it('delivered twice with one command id restarts once and prints the same answer', async () => {
    const rig = await createGateway();
    const [first, second] = await Promise.all([runStep(rig), runStep(rig)]);
    const later = await runStep(rig, { given: { now: 'true' } });
    expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('"outcome":"done"') });
    expect(second).toEqual(first);
    expect(later).toEqual(first);
    expect(rig.engineStarts()).toHaveLength(2);
    const other = await runStep(rig, { commandId: COMMAND_ID.replace('5', '6') });
    expect(other.stdout).not.toBe(first.stdout);
    expect(rig.engineStarts()).toHaveLength(3);
  });

  it('says the same through an agent that puts parameters into the text', async () => {
    const rig = await createGateway();
    const run = await runStep(rig, {
      way: 'text',
      given: { by: 'maria', reason: 'from the console', now: 'true' },
    });
    expect(JSON.parse(run.stdout)).toMatchObject({
      outcome: 'done',
      by: 'maria',
      reason: 'from the console',
    });
  });

  it('ends with the outcome as its exit code', async () => {
    const rig = await createGateway();
    await createCtl(rig).ask('pause', '--json');
    const refused = await runStep(rig);
    expect(JSON.parse(refused.stdout)).toMatchObject({ outcome: 'refused' });
    expect(refused.exitCode).toBe(77);
    await rig.stop();
    const unanswered = await runStep(rig, { given: { wait: '1s' }, commandId: COMMAND_ID.replace('5', '6') });
    expect(JSON.parse(unanswered.stdout)).toMatchObject({ outcome: 'pending' });
    expect(unanswered.exitCode).toBe(75);
  });

  it.each(['environment', 'text'] as const)(
    'is harmless with hostile values that nobody looked at, handed over by %s',
    async (way) => {
      const rig = await createRig({ source: 'directory' });
      const mark = path.join(rig.root, 'executed');
      const hostile = [`$(touch ${mark})`, `\`touch ${mark}\``, `'; touch ${mark}; '`, `"; touch ${mark}; "`];
      for (const value of hostile) {
        const values = { reason: value, by: value, now: value, wait: '1s', executionTimeout: '60' };
        const { exitCode } = await runStep(rig, { way, values });
        expect(exitCode).toBe(69);
        expect(existsSync(mark)).toBe(false);
      }
    },
  );

  it('asks for nothing without a command id, and says which agent is too old', async () => {
    const rig = await createRig({ source: 'directory' });
    const run = await runStep(rig, { commandId: '' });
    expect(run).toMatchObject({
      exitCode: 69,
      stdout: '',
      stderr: expect.stringContaining('older than 3.0.284.0'),
    });
  });
});

describe('the poll document', () => {
  it('has the source looked at and prints the answer', async () => {
    const rig = await createGateway();
    const run = await runStep(rig, { kind: 'poll' });
    expect(run.exitCode).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ kind: 'poll', outcome: 'done', by: 'ssm' });
    expect(rig.engineStarts()).toHaveLength(1);
  });
});

it('both scripts differ in nothing but what they ask for', () => {
  const scripts = (['restart', 'poll'] as const).map(
    (kind) => readDocument(kind).mainSteps[0]?.inputs.runCommand.join('\n') ?? '',
  );
  const lines = scripts.map((script) => script.split('\n'));
  const onlyRestart = lines[0]?.filter((line) => !lines[1]?.includes(line));
  expect(onlyRestart?.filter((line) => !/now/.test(line))).toEqual([
    'set -- restart --json --id "ssm-$SSM_COMMAND_ID" --reason "$SSM_reason" --wait "$SSM_wait"',
  ]);
  expect(readFileSync('packer/ssm/gateway-restart.yaml', 'utf8')).toContain('SYSTEM-gateway-restart');
});
