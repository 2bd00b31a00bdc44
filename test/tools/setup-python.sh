#!/usr/bin/env bash
# Makes the virtual environment of test/requirements.txt, once per content of that file, and prints its path.
# It lies outside the checkout: a fresh clone finds it again, and a changed pin gets one of its own.
#
#   test/tools/setup-python.sh [--print-bin]     --print-bin: prints the path of its programs instead
set -o errexit -o nounset -o pipefail

suffix=''
if [[ ${1:-} == --print-bin ]]; then
  suffix=/bin
elif (($# > 0)); then
  echo 'usage: setup-python.sh [--print-bin]' >&2
  exit 2
fi

requirements="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/requirements.txt"

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "setup-python: Python 3.11 or newer is needed as python3; found: $(python3 --version 2>&1 || true)" >&2
  exit 69
fi

# The interpreter counts too: an environment does not survive the upgrade of its Python.
hash="$(
  python3 - "$requirements" <<'PYTHON'
import hashlib, sys
with open(sys.argv[1], "rb") as file:
    print(hashlib.sha256(file.read() + sys.version.encode()).hexdigest()[:16])
PYTHON
)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/datomic-access-gateway"
venv="$cache/python-$hash"
# Written last, so it is there exactly when everything else is.
complete="$venv/complete"

if [[ ! -e $complete ]]; then
  mkdir -p "$cache"
  # Two runs at once must not install into each other. The lock belongs to descriptor 9, so it stays when Python,
  # which macOS has and flock(1) it has not, ends.
  exec 9>"$venv.lock"
  python3 -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
  if [[ ! -e $complete ]]; then
    echo "setup-python: installing moto and awscli into $venv (about a minute, once)" >&2
    rm -rf "$venv"
    if ! python3 -m venv "$venv" >&2; then
      echo "setup-python: python3 cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2
      exit 69
    fi
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
      --requirement "$requirements" >&2
    "$venv/bin/python" -m pip check --disable-pip-version-check >/dev/null
    touch "$complete"
  fi
  exec 9>&-
fi

echo "$venv$suffix"
