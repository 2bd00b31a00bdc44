#!/usr/bin/env bash
# Sets up what `make e2e` needs beyond `make setup`: Debian packages on this machine, and a Debian root file system
# from which the tests boot their throw-away instances. Prints that root's path.
#
# The root lies outside the checkout, one per content of this file; a fresh clone finds it again.
set -o errexit -o nounset -o pipefail

# program=package: what is missing is installed.
needed=(systemd-nspawn=systemd-container mmdebstrap=mmdebstrap nft=nftables ip=iproute2 ssh=openssh-client
  sshd=openssh-server zsh=zsh packer=packer)
# In the instance. The versions of systemd (252) and OpenSSH are close to those of Amazon Linux 2023.
packages=(systemd systemd-sysv dbus polkitd openssh-server iproute2 nftables ca-certificates sudo libpam-systemd
  curl procps)

if ((EUID != 0)); then
  echo 'setup-e2e: systemd in a container needs root: run make e2e as root, or one test file that does not need it' >&2
  exit 77
fi

missing=()
for pair in "${needed[@]}"; do
  if ! command -v "${pair%%=*}" >/dev/null; then missing+=("${pair#*=}"); fi
done
if ((${#missing[@]} > 0)); then
  echo "setup-e2e: installing on this machine, by apt-get: ${missing[*]}" >&2
  if ! command -v apt-get >/dev/null; then
    echo 'setup-e2e: there is no apt-get here: install them by hand, or run this on Debian 12' >&2
    exit 69
  fi
  apt-get update --quiet >&2
  # A server that comes with a package is not started: RUNLEVEL=1 is how Debian is told.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "${missing[@]}" >&2
fi

hash="$(sha256sum "${BASH_SOURCE[0]}" | cut -c1-16)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/datomic-access-gateway"
root="$cache/root-$hash"
# Renamed last, so it is there exactly when it is whole.
if [[ ! -e $root ]]; then
  mkdir -p "$cache"
  exec 9>"$root.lock"
  flock 9
  if [[ ! -e $root ]]; then
    echo "setup-e2e: making a Debian root in $root (half a minute, once): ${packages[*]}" >&2
    rm -rf "$root.partial"
    include="$(
      IFS=,
      echo "${packages[*]}"
    )"
    # As a tar archive first: unpacking it here needs no more than root, whatever this machine's kernel allows.
    mmdebstrap --quiet --variant=minbase --include="$include" bookworm "$root.tar" >&2
    mkdir "$root.partial"
    tar --extract --numeric-owner --directory="$root.partial" --file="$root.tar"
    rm "$root.tar"
    # The network is this machine's: a test starts what listens, on a port of its own.
    rm -f "$root.partial"/etc/systemd/system/{multi-user.target.wants/ssh.service,sshd.service}
    mv "$root.partial" "$root"
  fi
  exec 9>&-
fi

echo "$root"
