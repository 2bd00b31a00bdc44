#!/usr/bin/env bash
# Starts what will run: the agent as it is shipped, until it is READY, and then engine and agent on a catalog of the
# engine's own `tpch` connector, until it is proven. Leaves nothing of it behind.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

readonly SETTINGS=/etc/datomic-gateway/agent.json
readonly SHIPPED=/opt/datomic/gateway/agent.json
readonly SOURCE=/etc/datomic-gateway/smoke
readonly PLUGIN=/opt/datomic/analytics/plugin/tpch
readonly PROVEN_WITHIN_SECONDS=300

stop_all() {
  systemctl stop gateway-agent.service datomic-analytics.service
  systemctl reset-failed gateway-agent.service datomic-analytics.service 2>/dev/null || true
}

clean_up() {
  stop_all
  if [[ -e $BAKE_DIR/tpch-is-for-the-smoke-run ]]; then rm -rf "$PLUGIN"; fi
  rm -rf "$SOURCE" "$BAKE_DIR/tpch-is-for-the-smoke-run"
  install --mode=0644 "$SHIPPED" "$SETTINGS"
}
trap clean_up EXIT

# Each word of the path below the status document.
read_status() {
  /opt/datomic/gateway/bin/node -e '
    const [file, ...keys] = process.argv.slice(1);
    const value = keys.reduce((part, key) => part?.[key], JSON.parse(require("fs").readFileSync(file, "utf8")));
    console.log(value ?? "");' /run/datomic-gateway/status.json "$@"
}

explain() {
  journalctl --unit=gateway-agent.service --unit=datomic-analytics.service --no-pager --output=cat --lines=30 >&2
  fail "$1"
}

# An image without network and user data boots to READY, and says why SQL is not there.
rm -f /run/datomic-gateway/status.json
if ! systemctl start gateway-agent.service; then explain 'the agent did not become READY with the shipped settings'; fi
reason="$(/opt/datomic/gateway/bin/node -e '
  const { conditions } = JSON.parse(require("fs").readFileSync("/run/datomic-gateway/status.json", "utf8"));
  console.log(conditions.find(({ type }) => type === "Healthy").reason);')"
if [[ $reason != NoConfiguration ]]; then explain "the agent says $reason, where NoConfiguration was expected"; fi
stop_all

# Its plugin is put in for this run where catalogs may not use it.
if [[ ! -d $PLUGIN ]]; then
  if ! tar --extract --file="$BAKE_DIR/engine.tar" --directory=/opt/datomic/analytics --no-same-owner ./plugin/tpch; then
    fail 'the distribution of the engine has no plugin tpch, which the smoke run needs'
  fi
  touch "$BAKE_DIR/tpch-is-for-the-smoke-run"
fi
install --directory --mode=0755 "$SOURCE" "$SOURCE/catalog"
echo 'connector.name=tpch' >"$SOURCE/catalog/smoke.properties"
cat >"$SETTINGS" <<JSON
{
  "source": { "uri": "file://$SOURCE" },
  "source.settle": "1s",
  "gate.connectors": ["tpch"],
  "restart.stable": "2s"
}
JSON
systemctl start gateway-agent.service
deadline=$((SECONDS + PROVEN_WITHIN_SECONDS))
until [[ -n $(read_status proven digest) && $(read_status analytics serving) == true ]]; do
  if [[ -n $(read_status quarantined 0 reason) ]]; then explain "the engine $(read_status quarantined 0 reason)"; fi
  if ((SECONDS > deadline)); then explain "the engine was not proven within $PROVEN_WITHIN_SECONDS s"; fi
  sleep 1
done
echo "proven: $(read_status analytics engine)"
