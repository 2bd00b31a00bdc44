#!/usr/bin/env bash
# The last gate of the image: what it has seen is what is shipped. Names every fault, not only the first one.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

readonly GATEWAY=/opt/datomic/gateway ENGINE=/opt/datomic/analytics
readonly FREE_MIB=1024
: "${GATEWAY_VERSION:?}" "${CONNECTORS:?}" "${LOG_SHIPPER:?}"

faults=0
fault() {
  echo "validate.sh: $1" >&2
  faults=$((faults + 1))
}

expect() { # what expected found
  if [[ $2 != "$3" ]]; then fault "$1: expected \"$2\", found \"$3\""; fi
}

# Runs a program and makes its last words a fault when it fails.
expect_success() { # what program…
  local what=$1 words
  shift
  if ! words="$("$@" 2>&1)"; then fault "$what: ${words##*$'\n'}"; fi
}

check_files() {
  local file
  for file in bin/node gateway-agent.cjs gatewayctl.cjs agent.json version-info.json sbom.cdx.json analytics-run; do
    if [[ ! -s $GATEWAY/$file ]]; then fault "$GATEWAY/$file is missing or empty"; fi
  done
  for file in "$GATEWAY" "$ENGINE" /opt/java/engine /etc/datomic-gateway; do
    # Whatever the services' users could write, they could replace.
    while IFS= read -r -d '' file; do
      fault "$file can be written by others than root: $(stat --format='%U:%G %a' "$file")"
    done < <(find "$file" -xdev ! -type l \( ! -uid 0 -o -perm /0022 \) -print0)
  done
  expect 'settings' "$(cat "$GATEWAY/agent.json")" "$(cat /etc/datomic-gateway/agent.json)"
  if grep --quiet '"system"' /etc/datomic-gateway/agent.json; then fault 'the shipped settings name a system'; fi
}

check_versions() {
  local version plugins
  # Without the commit that the build adds to it.
  version="$(/usr/local/bin/gatewayctl --version)"
  expect 'version of gatewayctl' "$GATEWAY_VERSION" "${version%%+*}"
  expect 'major version of Node' v24 "$("$GATEWAY/bin/node" --version | cut -d. -f1)"
  expect_success 'Java does not run' /opt/java/engine/bin/java -version
  plugins="$(cd "$ENGINE/plugin" && echo *)"
  expect 'plugins of the engine' "$(tr , '\n' <<<"$CONNECTORS" | sort | xargs)" "$plugins"
}

check_units() {
  local unit
  for unit in "${OUR_UNITS[@]}"; do
    expect "$unit" enabled "$(systemctl is-enabled "$unit" 2>&1 || true)"
  done
  if ! bash "$BAKE_DIR/provisioners/check-boot-units.sh"; then faults=$((faults + 1)); fi
  for unit in /usr/lib/systemd/system/{gateway,datomic}-*.{service,timer}; do
    if [[ -e $unit ]]; then expect_success "systemd-analyze verify $unit" systemd-analyze verify --man=no "$unit"; fi
  done
  while read -r unit _; do
    fault "$unit has failed on the machine that baked"
  done < <(systemctl list-units --failed --plain --no-legend 'gateway-*' 'datomic-*' 'amazon-*')
}

check_log_shipper() {
  local unit=amazon-cloudwatch-agent.service file
  if [[ $LOG_SHIPPER == none ]]; then
    if is_installed amazon-cloudwatch-agent; then fault 'the CloudWatch agent is installed, and log_shipper is none'; fi
    return
  fi
  for file in "/etc/systemd/system/$unit.d/gateway.conf" \
    /opt/aws/amazon-cloudwatch-agent/bin/start-amazon-cloudwatch-agent; do
    if [[ ! -s $file ]]; then fault "$file is missing or empty"; fi
  done
  if ! id --name --groups cwagent | grep --quiet --word-regexp systemd-journal; then
    fault 'cwagent is not in the group systemd-journal, so it cannot read the journal'
  fi
}

check_access() {
  local file settings privileges
  while IFS= read -r -d '' file; do
    fault "$file must not be in an image"
  done < <(find /etc/ssh /root /home -xdev \
    \( -name 'ssh_host_*' -o -path '*/.ssh/*' -o -name '.*_history' \) -type f -print0)
  if is_installed ec2-instance-connect; then fault 'EC2 Instance Connect is installed'; fi
  while IFS= read -r file; do
    fault "$file holds a private key"
  done < <(grep --recursive --files-with-matches --binary-files=without-match -e '-----BEGIN [A-Z ]*PRIVATE KEY' \
    /etc /root /home "$GATEWAY" /var/lib/amazon 2>/dev/null)

  # sshd reads its configuration only with a host key; this one goes with the work directory.
  ssh-keygen -q -t ed25519 -N '' -f "$BAKE_DIR/host-key"
  install --directory --mode=0755 /run/sshd
  expect_success 'sshd refuses its configuration' /usr/sbin/sshd -t -h "$BAKE_DIR/host-key"
  settings="$(/usr/sbin/sshd -T -h "$BAKE_DIR/host-key" -C user=ec2-user,host=client,addr=203.0.113.1 2>&1)"
  for file in 'passwordauthentication no' 'permittty no' 'allowtcpforwarding local' 'permitlisten none' \
    'x11forwarding no' 'allowagentforwarding no' 'authorizedkeyscommand none'; do
    if ! grep --quiet --line-regexp --ignore-case "$file" <<<"$settings"; then
      fault "sshd for ec2-user: expected \"$file\", found \"$(grep --ignore-case "^${file%% *} " <<<"$settings")\""
    fi
  done

  privileges="$(sudo --list --other-user=ec2-user 2>/dev/null | sed -n 's/^ *([^)]*) *//p')"
  expect 'what ec2-user may do by sudo' 'NOSETENV: NOPASSWD: /opt/datomic/presto-stop ""' "$privileges"
}

check_traces() {
  local file
  for file in /var/lib/cloud/instance /var/lib/cloud/instances /var/lib/amazon/ssm /var/lib/datomic-gateway \
    /var/lib/datomic-analytics /var/cache/datomic-gateway /etc/datomic-gateway/cloudwatch-agent.json; do
    if [[ -e $file ]]; then fault "$file belongs to the machine that baked"; fi
  done
  while IFS= read -r -d '' file; do
    fault "$file belongs to the machine that baked"
  done < <(find /var/log -xdev -type f -print0)
  if [[ -s /etc/machine-id ]]; then fault '/etc/machine-id is that of the machine that baked'; fi
  file="$(df --output=avail --block-size=1M / | tail -1 | tr -d ' ')"
  if ((file < FREE_MIB)); then fault "free on /: expected at least $FREE_MIB MiB, found $file MiB"; fi
}

check_files
check_versions
check_units
check_log_shipper
check_access
check_traces
if ((faults > 0)); then fail "the image has $faults faults"; fi
echo 'validate.sh: no fault found'
