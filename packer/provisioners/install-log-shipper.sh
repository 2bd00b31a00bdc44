#!/usr/bin/env bash
# Amazon's CloudWatch agent, where the image is to be able to send the gateway's log: from the package that was given,
# or from the distribution. It stays quiet until first boot is told a log group.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

readonly AGENT=/opt/aws/amazon-cloudwatch-agent
# First boot writes it, and looks for the drop-in to know that something reads it.
readonly CONFIG=/etc/datomic-gateway/cloudwatch-agent.json
readonly DROP_IN=/etc/systemd/system/amazon-cloudwatch-agent.service.d

if [[ ${LOG_SHIPPER:?is none or cloudwatch} == none ]]; then exit 0; fi
if ! is_installed amazon-cloudwatch-agent; then
  given=("$BAKE_DIR"/amazon-cloudwatch-agent.*)
  if [[ -e ${given[0]} ]]; then
    install_package_file "${given[0]}"
  else
    install_cloudwatch_agent
  fi
fi
# Older ones know files alone, and refuse a configuration that names the journal. The name of Go's package is in the
# program whatever its version is called.
if ! grep --quiet --fixed-strings receiver/journald "$AGENT/bin/config-translator"; then
  fail "this CloudWatch agent ($(cat "$AGENT/bin/CWAGENT_VERSION")) cannot read the journal: give a newer one as\
 CLOUDWATCH_AGENT_FROM"
fi

# It reads the journal with the rights of its own user, not with root's.
usermod --append --groups systemd-journal cwagent
install --directory "$AGENT/etc/amazon-cloudwatch-agent.d" "$DROP_IN"
ln --symbolic --force --no-dereference "$CONFIG" "$AGENT/etc/amazon-cloudwatch-agent.d/gateway.json"
cat >"$DROP_IN/gateway.conf" <<UNIT
[Unit]
ConditionPathExists=$CONFIG

[Service]
# A log must not take the memory that queries are served from.
MemoryMax=256M
UNIT
systemctl daemon-reload
systemctl enable --quiet amazon-cloudwatch-agent.service
