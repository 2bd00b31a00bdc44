#!/usr/bin/env bash
# Boots a throw-away instance: real systemd as PID 1 of a container that shares this machine's network. It ends when
# whoever started this ends, whichever way.
#
#   boot-instance.sh BASE DIR [COMMAND…]    BASE: the root of setup-e2e.sh, never written to. DIR/changes holds what
#                                           differs from it. With a command: runs it in DIR/root instead of booting.
set -o errexit -o nounset -o pipefail

if [[ ${IN_OWN_MOUNTS:-} != yes ]]; then
  # Mounts of its own, which the kernel takes down with the last process.
  IN_OWN_MOUNTS=yes exec unshare --mount --propagation private "${BASH_SOURCE[0]}" "$@"
fi

base=$1 dir=$2
shift 2
mount --types overlay overlay \
  --options "lowerdir=$base,upperdir=$dir/changes,workdir=$dir/work" "$dir/root"
if (($# > 0)); then
  cd "$dir/root"
  exec "$@"
fi

# A control group of its own, where the kernel's old kind is in use: two instances must not share one.
groups=/sys/fs/cgroup/systemd
if [[ -w $groups/cgroup.procs ]]; then
  mkdir -p "$groups/$(basename "$dir")"
  echo $$ >"$groups/$(basename "$dir")/cgroup.procs"
fi
# Where the network is the test's own (test/support/network.ts), the instance may set it up, as on EC2.
capabilities=()
if [[ ${OWN_NETWORK:-} == yes ]]; then capabilities=(--capability=CAP_NET_ADMIN); fi

exec setpriv --pdeathsig TERM systemd-nspawn --quiet --register=no --keep-unit --link-journal=no --boot \
  --directory="$dir/root" --machine="$(basename "$dir")" "${capabilities[@]}" --resolv-conf=off --timezone=off --console=pipe </dev/null
