#!/usr/bin/env bash
# Takes away what belongs to the machine that baked and not to those that will be started from its image.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

# Nothing may write while its files go.
systemctl stop amazon-ssm-agent.service gateway-agent.service datomic-analytics.service

# State and settings of a gateway: tmpfiles makes the directories anew at boot.
rm -rf /var/lib/datomic-gateway /var/lib/datomic-analytics /run/datomic-gateway /run/datomic-analytics
# Code that Node compiled in the smoke run: made anew in the first start, which costs it a few tenths of a second.
rm -rf /var/cache/datomic-gateway
rm -rf /etc/systemd/system/datomic-analytics.service.d /run/systemd/system/*.service.d
install --mode=0644 /opt/datomic/gateway/agent.json /etc/datomic-gateway/agent.json
rm -f /etc/datomic-gateway/cloudwatch-agent.json

# Identity: each machine makes host keys of its own, and the SSM agent registers anew.
rm -f /etc/ssh/ssh_host_*
rm -rf /var/lib/amazon/ssm /var/log/amazon
if [[ -d /opt/aws/amazon-cloudwatch-agent/logs ]]; then find /opt/aws/amazon-cloudwatch-agent/logs -type f -delete; fi
# Empty, not gone: systemd then makes one at boot, and does not take the boot for a first one, at which it would reset
# which units are enabled.
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id /var/lib/systemd/random-seed /var/lib/systemd/credential.secret

# Ways in: the key that baked, and the right of cloud-init's user to everything.
find /root /home -xdev -path '*/.ssh/*' -type f -delete
rm -f /etc/sudoers.d/90-cloud-init-users
find /root /home -xdev -name '.*_history' -type f -delete

# What boot and package manager have left.
rm -rf /var/lib/cloud/instances /var/lib/cloud/instance /var/lib/cloud/data /var/lib/cloud/sem
rm -rf "${CACHES[@]}"
rm -rf /var/lib/dhcp/* /var/lib/NetworkManager/*.lease
# From here on the journal is kept in memory: what is written during the bake's last steps must not be in the image.
journalctl --relinquish-var
rm -rf /var/log/journal/*
find /var/log -xdev -type f -delete
find /tmp /var/tmp -xdev -mindepth 1 -maxdepth 1 ! -path "$BAKE_DIR" ! -name 'script_*.sh' \
  ! -name 'systemd-private-*' -exec rm -rf {} +
sync
