/** Debian packages that take the place of Amazon's agents where an image is baked without downloads. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A package of its name, whose service does nothing. */
const SSM_AGENT: Readonly<Record<string, string>> = {
  'DEBIAN/control': `Package: amazon-ssm-agent
Version: 0.0-stand-in
Architecture: all
Maintainer: tests of this project
Description: stand-in of the SSM agent, which does nothing
`,
  'usr/lib/systemd/system/amazon-ssm-agent.service': `[Unit]
Description=stand-in of the SSM agent
[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
`,
};

/**
 * Paths, user and unit are the real one's, and what it is told it prints. The name of the part that reads the journal
 * lies in its translator, as in the real one.
 */
const CLOUDWATCH_AGENT: Readonly<Record<string, string>> = {
  'DEBIAN/control': `Package: amazon-cloudwatch-agent
Version: 0.0-stand-in
Architecture: all
Maintainer: tests of this project
Description: stand-in of the CloudWatch agent, which sends nothing
`,
  'DEBIAN/postinst': `#!/bin/sh
set -e
id cwagent >/dev/null 2>&1 || useradd --system --user-group --no-create-home --shell /usr/sbin/nologin cwagent
`,
  'opt/aws/amazon-cloudwatch-agent/bin/CWAGENT_VERSION': '0.0-stand-in\n',
  'opt/aws/amazon-cloudwatch-agent/bin/config-translator': 'translator/translate/otel/receiver/journald\n',
  'opt/aws/amazon-cloudwatch-agent/bin/start-amazon-cloudwatch-agent': `#!/bin/sh
tr -d '\\n' </opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.d/gateway.json
echo
exec sleep infinity
`,
  'usr/lib/systemd/system/amazon-cloudwatch-agent.service': `[Unit]
Description=stand-in of the CloudWatch agent
[Service]
ExecStart=/opt/aws/amazon-cloudwatch-agent/bin/start-amazon-cloudwatch-agent
[Install]
WantedBy=multi-user.target
`,
};

const PACKAGES = { 'amazon-ssm-agent': SSM_AGENT, 'amazon-cloudwatch-agent': CLOUDWATCH_AGENT };
const PROGRAM = /postinst$|start-amazon-cloudwatch-agent$/;

/** Makes it below `dir`, and says where it lies. */
export async function makePackage(dir: string, name: keyof typeof PACKAGES): Promise<string> {
  const tree = path.join(dir, name);
  for (const [file, text] of Object.entries(PACKAGES[name])) {
    await mkdir(path.dirname(path.join(tree, file)), { recursive: true });
    await writeFile(path.join(tree, file), text, { mode: PROGRAM.test(file) ? 0o755 : 0o644 });
  }
  const deb = path.join(dir, `${name}.deb`);
  await run('dpkg-deb', ['--build', '--root-owner-group', tree, deb]);
  return deb;
}
