#!/usr/bin/env bash
# The engine, with the plugins that catalogs may use and no others: each one costs memory, start-up and attack surface.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

readonly ENGINE=/opt/datomic/analytics
: "${CONNECTORS:?is the comma-separated list of connectors}"

if [[ ! -e $BAKE_DIR/engine.tar ]]; then fail 'there is no engine.tar: run packer/stage.sh'; fi
rm -rf "$ENGINE"
install --directory "$ENGINE"
tar --extract --file="$BAKE_DIR/engine.tar" --directory="$ENGINE" --no-same-owner
# Settings come from the agent; what a distribution brings would only mislead.
rm -rf "${ENGINE:?}/etc"

IFS=, read -ra connectors <<<"$CONNECTORS"
for connector in "${connectors[@]}"; do
  if [[ ! -d $ENGINE/plugin/$connector ]]; then
    fail "the engine has no plugin \"$connector\"; it has: $(cd "$ENGINE/plugin" && echo *)"
  fi
done
for plugin in "$ENGINE"/plugin/*; do
  if [[ ,$CONNECTORS, != *,$(basename "$plugin"),* ]]; then rm -rf "$plugin"; fi
done
chmod -R go-w,a+rX "$ENGINE"
echo "installed the engine with $CONNECTORS, $(du -sh "$ENGINE" | cut -f1)"
