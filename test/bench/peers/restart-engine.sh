#!/usr/bin/env bash
# What an operator would write by hand: ends the engine that runs and becomes the next one. Whole distribution, java
# directly instead of the launcher, which is faster.
#
#   restart-engine.sh PID|- HOME JAVA ETC DATA MAIN_CLASS
set -o errexit -o nounset -o pipefail

pid=$1 home=$2 java=$3 etc=$4 data=$5 main=$6
if [[ $pid != - ]]; then
  kill -TERM "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
fi
cd "$data"
mapfile -t options <"$etc/jvm.config"
exec "$java" "${options[@]}" -cp "$home/lib/*" -Dnode.data-dir="$data" -Dplugin.dir="$home/plugin" \
  -Dcatalog.config-dir="$etc/catalog" -Dconfig="$etc/config.properties" "$main"
