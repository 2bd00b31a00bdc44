/**
 * Who may do what: each forbidden thing is tried from within the unit's own sandbox, by a probe that is started by the
 * unit's own settings, and what a file's permissions alone must refuse also by the user outside of it. Root may do each of
 * them, so that no refusal is a misspelt command.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { disposeInstances } from '../../support/instance.ts';
import { AGENT, ANALYTICS, createGateway, type Gateway } from '../../support/instance-gateway.ts';
import { FILES } from '../../support/rows.ts';

type Probes = Readonly<Record<string, string>>;

/** Refused by permissions alone: to the user anywhere. */
const AGENT_FILES: Probes = {
  'write beside the engine’s binaries': 'touch /opt/datomic/analytics/probe',
  'change the engine’s program': 'echo >>/opt/datomic/analytics/engine.mjs',
  'write beside its own program': 'touch /opt/datomic/gateway/probe',
  'change its settings': 'echo >>/etc/datomic-gateway/agent.json',
  'read what only root and systemd read of them': 'cat /etc/datomic-gateway/environment',
  'write a unit': 'touch /etc/systemd/system/probe.service',
  'write a unit for this boot': 'touch /run/systemd/system/probe.service',
  'write a rule of polkit': 'touch /usr/share/polkit-1/rules.d/00-probe.rules',
  'read the host’s key': 'cat /etc/ssh/ssh_host_ed25519_key',
  'read password hashes': 'cat /etc/shadow',
  'change the started copy': 'echo >>/run/datomic-analytics/started/started.json',
  'replace the started copy': 'mv /run/datomic-analytics/started /run/datomic-analytics/probe',
  'write into the engine’s data': 'touch /var/lib/datomic-analytics/data/probe',
  'replace the live etc': 'mv /var/lib/datomic-analytics/etc /var/lib/datomic-analytics/probe',
  'start another unit': 'systemctl start probe-target.service',
  'restart another unit': 'systemctl restart probe-target.service',
  'change properties of the unit': `systemctl set-property --runtime ${ANALYTICS} CPUWeight=100`,
  'send signals through systemd': `systemctl kill --signal=CONT ${ANALYTICS}`,
  'have systemd read units anew': 'systemctl daemon-reload',
  'enable the unit': `systemctl enable --runtime probe-target.service`,
  'become root by sudo': 'sudo --non-interactive true',
};
/** Refused by the sandbox, whatever the user may do. */
const SANDBOXED: Probes = {
  'read systemd’s environment': 'cat /proc/1/environ',
  'make a user namespace': 'unshare --user true',
  'make a mount namespace': 'unshare --mount true',
  'write to /usr': 'touch /usr/probe',
  'write to /var/tmp of others': 'rm /var/tmp/of-root',
  'read homes': 'ls /root/of-root',
  'change the host’s name': 'hostname probe',
};
const AGENT_MAY: Probes = {
  'write the live etc': 'touch /var/lib/datomic-analytics/etc/probe',
  'write its state': 'touch /var/lib/datomic-gateway/probe',
  'write its status': 'touch /run/datomic-gateway/probe',
  'read the started copy': 'cat /run/datomic-analytics/started/started.json',
  'read the engine’s journal': `journalctl --unit ${ANALYTICS} --lines 1 --quiet | grep .`,
  'read the engine’s logs': 'cat /var/lib/datomic-analytics/data/var/log/probe.log',
  'stop the analytics process': `systemctl stop ${ANALYTICS}`,
  'start the analytics process': `systemctl start ${ANALYTICS}`,
  'restart the analytics process': `systemctl restart ${ANALYTICS}`,
};

const ENGINE_FILES: Probes = {
  'write a catalog': 'touch /var/lib/datomic-analytics/etc/catalog/probe.properties',
  'change a metaschema': 'echo >>/var/lib/datomic-analytics/etc/datomic/orders.edn',
  'replace the live etc': 'mv /var/lib/datomic-analytics/etc /var/lib/datomic-analytics/probe',
  'change the started copy': 'echo >>/run/datomic-analytics/started/catalog/shop.properties',
  'replace the started copy': 'mv /run/datomic-analytics/started /run/datomic-analytics/probe',
  'read the agent’s memory': 'cat /var/lib/datomic-gateway/memory.json',
  'read the agent’s releases': 'ls /var/lib/datomic-gateway/store/releases',
  'order a restart': 'touch /var/lib/datomic-gateway/requests/probe.json',
  'write beside its own binaries': 'touch /opt/datomic/analytics/probe',
  'change the agent': 'echo >>/opt/datomic/gateway/gateway-agent.cjs',
  'change the settings': 'echo >>/etc/datomic-gateway/agent.json',
  'read what only root and systemd read of them': 'cat /etc/datomic-gateway/environment',
  'change the status': 'echo >/run/datomic-gateway/status.json',
  'write a unit': 'touch /etc/systemd/system/probe.service',
  'read the host’s key': 'cat /etc/ssh/ssh_host_ed25519_key',
  'restart itself through systemd': `systemctl restart ${ANALYTICS}`,
  'stop the agent': `systemctl stop ${AGENT}`,
  'read the agent’s journal': `journalctl --unit ${AGENT} --lines 1 --quiet | grep .`,
  'become root by sudo': 'sudo --non-interactive true',
};
const ENGINE_MAY: Probes = {
  'write its data': 'touch /var/lib/datomic-analytics/data/probe',
  'write its logs': 'touch /var/lib/datomic-analytics/data/var/log/own.log',
  'read the metaschemas': 'cat /var/lib/datomic-analytics/etc/datomic/orders.edn',
  'read the started copy': 'cat /run/datomic-analytics/started/catalog/shop.properties',
};

let gateway: Gateway;
beforeAll(async () => {
  gateway = await createGateway();
  const target = '[Service]\nType=oneshot\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n';
  await gateway.instance.write('/etc/systemd/system/probe-target.service', target);
  await gateway.sync(FILES);
  await gateway.instance.boot();
  await gateway.waitForProven();
  await gateway.instance.sh(
    'touch /var/tmp/of-root /root/of-root; echo x >/var/lib/datomic-analytics/data/var/log/probe.log',
  );
  await gateway.instance.sh('chmod 0640 /var/lib/datomic-analytics/data/var/log/probe.log');
});
afterAll(async () => {
  await gateway.close();
  await disposeInstances();
});

/** Tries each and prints how it went; every probe is a shell of its own. */
const scriptOf = (probes: Probes) =>
  Object.entries(probes)
    .map(([name, command]) => {
      const quoted = command.replaceAll("'", String.raw`'\''`);
      return `if sh -c '${quoted}' >/dev/null 2>&1 </dev/null; then echo 'may ${name}'; else echo 'may not ${name}'; fi\n`;
    })
    .join('');

/** Runs the probes with every setting of the unit, but for what it starts and how it is watched. */
async function probeIn(unit: string, probes: Probes): Promise<string[]> {
  const text = (await gateway.instance.read(`/usr/lib/systemd/system/${unit}`)) ?? '';
  const kept = text
    .replaceAll('\\\n', '')
    .split('\n')
    .filter(
      (line) =>
        !/^(Exec|Type|NotifyAccess|Watchdog|Restart|Timeout|Wants|After|WantedBy|\[Install)/.test(line),
    );
  const own = ['Type=oneshot', 'ExecStart=/bin/sh /etc/probe.sh', 'StandardOutput=truncate:/run/probe.txt'];
  const probe = kept.join('\n').replace('[Service]', ['[Service]', ...own].join('\n'));
  expect(probe).toContain('ProtectSystem=strict');
  await gateway.instance.write('/etc/systemd/system/probe.service', probe);
  await gateway.instance.write('/etc/probe.sh', scriptOf(probes));
  await gateway.instance.sh('systemctl daemon-reload; systemctl start probe.service');
  const found = (await gateway.instance.read('/run/probe.txt')) ?? '';
  await gateway.instance.sh('rm /etc/systemd/system/probe.service');
  return found.trim().split('\n');
}

async function probeAs(user: string, probes: Probes): Promise<string[]> {
  const input = scriptOf(probes);
  const { stdout } = await gateway.instance.runWith({ user, input, timeoutMs: 120_000 }, 'sh');
  return stdout.trim().split('\n');
}

const all = (probes: Probes, verb: 'may' | 'may not') => Object.keys(probes).map((name) => `${verb} ${name}`);

it('in its unit the agent may do its work, and nothing that is forbidden', async () => {
  expect(await probeIn(AGENT, { ...AGENT_FILES, ...SANDBOXED })).toEqual(
    all({ ...AGENT_FILES, ...SANDBOXED }, 'may not'),
  );
  expect(await probeIn(AGENT, AGENT_MAY)).toEqual(all(AGENT_MAY, 'may'));
});

it('in its unit the analytics process may do its work, and nothing that is forbidden', async () => {
  expect(await probeIn(ANALYTICS, { ...ENGINE_FILES, ...SANDBOXED })).toEqual(
    all({ ...ENGINE_FILES, ...SANDBOXED }, 'may not'),
  );
  expect(await probeIn(ANALYTICS, ENGINE_MAY)).toEqual(all(ENGINE_MAY, 'may'));
});

it('the users may not either, where no sandbox is around them', async () => {
  expect(await probeAs('datomic-gateway', AGENT_FILES)).toEqual(all(AGENT_FILES, 'may not'));
  expect(await probeAs('datomic-analytics', ENGINE_FILES)).toEqual(all(ENGINE_FILES, 'may not'));
});

it('the live etc keeps owner, group and modes, also of what the agent adds', async () => {
  const lines = await gateway.instance.sh(
    'cd /var/lib/datomic-analytics; stat -c "%A %U %G %n" . etc etc/catalog etc/datomic etc/catalog/* etc/datomic/*',
  );
  for (const line of lines.split('\n')) {
    const [mode, owner, group, name = ''] = line.split(' ');
    const isFile = /\.\w+$/.test(name);
    const expected =
      name === '.' ? 'drwxr-x--- root' : isFile ? '-rw-r----- datomic-gateway' : 'drwxr-s--- datomic-gateway';
    expect(`${mode} ${owner} ${group} ${name}`).toBe(`${expected} datomic-analytics ${name}`);
  }
});

it('root may all of it: the probes try what they say', async () => {
  const probes = { ...AGENT_FILES, ...ENGINE_FILES, ...SANDBOXED };
  // Moved away by the first of two that share a target.
  const again =
    'mv /run/datomic-analytics/probe /run/datomic-analytics/started; mv /var/lib/datomic-analytics/probe /var/lib/datomic-analytics/etc';
  const back = Object.fromEntries(
    Object.entries(probes).map(([name, command]) => [
      name,
      command.startsWith('mv') ? `${command} && { ${again}; true; }` : command,
    ]),
  );
  expect(await probeAs('root', back)).toEqual(all(probes, 'may'));
});
