import { describe, expect, it } from 'vitest';
import { applyAccess, guardAccess } from '../../../../agent/app/access/apply.ts';
import { troubleOfReport } from '../../../../agent/core/access/report.ts';
import { createFakeAccess } from '../../../fakes/fake-access.ts';

const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ';
const OTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAgJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ';
const keyLine = (line: string) => `restrict,port-forwarding ${line}`;

/** A machine that has been through a good run. */
async function settled() {
  const fake = createFakeAccess();
  fake.world.keys.text = `${ED25519} ann\n`;
  const hostKey = async () => ({ text: `${ED25519} root@gateway\n`, madeAt: 1_000 });
  const parts = { ...fake.parts, hostKey };
  expect(await applyAccess(parts)).toEqual([]);
  fake.world.calls.length = 0;
  return { world: fake.world, parts, run: () => applyAccess(parts) };
}

const reasons = async (problems: Promise<readonly { readonly reason: string }[]>) =>
  (await problems).map(({ reason }) => reason);

describe('client access is brought in line', () => {
  it('and a second run changes nothing and tells sshd nothing', async () => {
    const { world, run } = await settled();
    expect(world.live.get('client_keys')).toContain(keyLine(ED25519));
    expect(world.kept.get('permit-open.conf')).toContain('entry.acme.eu-west-1.datomic.net:8182');
    expect(world.hostKey?.value).toEqual({ line: `* ${ED25519}\n`, madeAt: 1_000 });
    expect(await run()).toEqual([]);
    expect(world.calls.filter((call) => /write|reload|put/.test(call))).toEqual([]);
    expect(world.calls).toContain('get keys k1');
  });

  it('sshd is told when groups come, once', async () => {
    const { world, run } = await settled();
    world.groups = ['acme', 'reports'];
    expect(await run()).toEqual([]);
    expect(await run()).toEqual([]);
    expect(world.calls.filter((call) => call === 'reload sshd')).toHaveLength(1);
    expect(world.kept.get('permit-open.conf')).toContain('entry.reports.');
    // The agent is away, as after a boot: its last word counts.
    world.groups = null;
    await run();
    expect(world.kept.get('permit-open.conf')).toContain('entry.reports.');
  });
});

describe('keys', () => {
  it('are followed: a rotated key replaces the old one at once', async () => {
    const { world, run } = await settled();
    world.keys = { tag: 'k2', text: `${OTHER}\n` };
    expect(await run()).toEqual([]);
    expect(world.live.get('client_keys')).toContain(keyLine(OTHER));
    expect(world.live.get('client_keys')).not.toContain(ED25519);
  });

  it.each([
    ['there is none', null, 'KeysAbsent'],
    ['the file is empty', '# nothing\n', 'KeysInvalid'],
    ['the file is damaged', 'ssh-ed25519 AAAA\n', 'KeysInvalid'],
  ])('stay as they were when %s, and it is said each time', async (_title, text, reason) => {
    const { world, run } = await settled();
    world.keys = { tag: 'k2', text };
    expect(await reasons(run())).toEqual([reason]);
    expect(await reasons(run())).toEqual([reason]);
    expect(world.live.get('client_keys')).toContain(keyLine(ED25519));
    expect(JSON.parse(world.live.get('status.json') ?? '').problems[0].message).toContain('keys before stay');
  });

  it('stay as they were, and are installed after a boot, when S3 is out of reach', async () => {
    const { world, run } = await settled();
    world.live.clear();
    world.isReachable = false;
    expect(await reasons(run())).toEqual(['AwsUnreachable', 'AwsUnreachable']);
    expect(world.live.get('client_keys')).toContain(keyLine(ED25519));
  });

  it('what is not honoured among them is said as long as it is there', async () => {
    const { world, run } = await settled();
    world.keys = { tag: 'k2', text: `${OTHER}\ncommand="sh" ${ED25519}\n` };
    expect(await reasons(run())).toEqual(['KeysPartly']);
    expect(await reasons(run())).toEqual(['KeysPartly']);
  });

  it('of a file with a thousand other lines can still be told of', async () => {
    const { world, run } = await settled();
    world.keys = { tag: 'k2', text: `${OTHER}\n${'rubbish\n'.repeat(1_000)}` };
    const found = await run();
    expect(found.length).toBeLessThan(10);
    expect(troubleOfReport(world.live.get('status.json') ?? '', 0)?.reason).toBe('KeysPartly');
  });

  it('are taken away from sshd while the packet filter is not in force, and come back with it', async () => {
    const { world, run } = await settled();
    world.isFilterFine = false;
    expect(await reasons(run())).toContain('PacketFilterMissing');
    expect(world.live.has('client_keys')).toBe(false);
    world.keys = { tag: 'k2', text: `${OTHER}\n` };
    await run();
    expect(world.live.has('client_keys')).toBe(false);
    world.isFilterFine = true;
    expect(await run()).toEqual([]);
    expect(world.live.get('client_keys')).toContain(keyLine(OTHER));
  });

  it('hang on the packet filter and on nothing else where there are no settings to go by', async () => {
    const { world, parts } = await settled();
    world.isReachable = false;
    expect(await guardAccess(parts)).toEqual([]);
    expect(world.calls).toEqual(['load rules']);
    expect(world.live.get('client_keys')).toContain(keyLine(ED25519));
    world.isFilterFine = false;
    expect(await reasons(guardAccess(parts))).toContain('PacketFilterMissing');
    expect(world.live.has('client_keys')).toBe(false);
    world.isFilterFine = true;
    expect(await guardAccess(parts)).toEqual([]);
    expect(world.live.get('client_keys')).toContain(keyLine(ED25519));
  });

  it('are installed only after the rules were loaded', async () => {
    const { world, run } = await settled();
    world.live.clear();
    await run();
    expect(world.calls.indexOf('load rules')).toBeLessThan(world.calls.indexOf('write live/client_keys'));
  });
});

describe('forwarding targets', () => {
  it('stay as they were when sshd refuses the whole configuration, and it is not told to read it', async () => {
    const { world, run } = await settled();
    const before = world.kept.get('permit-open.conf');
    world.groups = ['reports'];
    world.sshdFault = 'line 3: Bad configuration option';
    const [problem] = await run();
    expect(problem).toMatchObject({ reason: 'TargetsRefused', message: expect.stringContaining('line 3') });
    expect(world.kept.get('permit-open.conf')).toBe(before);
    expect(world.calls).not.toContain('reload sshd');
    world.sshdFault = null;
    expect(await run()).toEqual([]);
    expect(world.calls).toContain('reload sshd');
  });

  it('do not go live when sshd reads something else in them', async () => {
    const { world, run } = await settled();
    const before = world.kept.get('permit-open.conf');
    world.groups = ['reports'];
    world.sshdMisreads = true;
    expect(await reasons(run())).toEqual(['TargetsRefused']);
    expect(world.kept.get('permit-open.conf')).toBe(before);
  });

  it('are told to sshd in the next run when telling failed', async () => {
    const { world, run } = await settled();
    world.groups = ['reports'];
    world.isReloadFine = false;
    expect(await reasons(run())).toEqual(['AccessFailed']);
    world.isReloadFine = true;
    world.calls.length = 0;
    expect(await run()).toEqual([]);
    expect(world.calls).toContain('reload sshd');
  });

  it('stay as they were while the region is not known', async () => {
    const { world, parts } = await settled();
    const before = world.kept.get('permit-open.conf');
    expect(await reasons(applyAccess({ ...parts, region: async () => null }))).toEqual(['RegionUnknown']);
    expect(world.kept.get('permit-open.conf')).toBe(before);
  });
});

describe('the host key', () => {
  it('of a replaced machine is published, and not taken back by the machine before it', async () => {
    const { world, parts, run } = await settled();
    const hostKey = async () => ({ text: `${OTHER}\n`, madeAt: 2_000 });
    expect(await applyAccess({ ...parts, hostKey })).toEqual([]);
    expect(world.hostKey?.value.line).toBe(`* ${OTHER}\n`);
    expect(await reasons(run())).toEqual(['NewerGateway']);
    expect(world.hostKey?.value.line).toBe(`* ${OTHER}\n`);
  });

  it('replaces what the original put there', async () => {
    const { world, run } = await settled();
    world.hostKey = { tag: 'x', value: { line: '* ssh-rsa AAAA\n', madeAt: null } };
    expect(await run()).toEqual([]);
    expect(world.hostKey?.value.line).toBe(`* ${ED25519}\n`);
  });

  it('is put once where it may not be read', async () => {
    const { world, parts, run } = await settled();
    world.mayReadHostKey = false;
    await run();
    expect(world.calls).not.toContain('put host key');
    await applyAccess({ ...parts, hostKey: async () => ({ text: `${OTHER}\n`, madeAt: 2_000 }) });
    expect(world.hostKey?.value.line).toBe(`* ${OTHER}\n`);
  });
});

describe('administrators', () => {
  it('log in with the key pair of the instance, and with none when it has none', async () => {
    const { world, run } = await settled();
    world.pair = { text: `${OTHER} my-key\n` };
    await run();
    expect(world.kept.get('admin_keys')).toContain(OTHER);
    world.pair = 'unknown';
    expect(await reasons(run())).toEqual(['AdminKeyUnknown']);
    expect(world.kept.get('admin_keys')).toContain(OTHER);
    world.pair = 'none';
    expect(await run()).toEqual([]);
    expect(world.kept.has('admin_keys')).toBe(false);
  });
});
