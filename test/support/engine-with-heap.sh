#!/bin/sh
# Test only: starts the engine as systemd/analytics-run does, but with the memory options that lie in DIR/flags, one a
# line, in place of those of this machine. What the machine's own plan gives depends on the machine.
#
#   engine-with-heap.sh DIR
set -eu
dir=$1
copy=$dir/started-with-flags
rm -rf "$copy"
cp -a "$GATEWAY_STARTED_DIR" "$copy"
{
  sed 's/.*/"&"/' "$dir/flags"
  sed -n '/^"-cp"$/,$p' "$GATEWAY_STARTED_DIR/java.args"
} >"$copy/java.args"
sed -i "s#^@.*#@$copy/java.args#" "$copy/command"
GATEWAY_STARTED_DIR=$copy exec "$(dirname "$0")/../../systemd/analytics-run"
