#!/usr/bin/env bash
# Checks shell scripts with shellcheck and shfmt; --fix formats them.
#
#   test/tools/lint-shell.sh [--fix] FILE…
set -o errexit -o nounset -o pipefail

shfmt_mode=--diff
if [[ ${1:-} == --fix ]]; then
  shfmt_mode=--write
  shift
fi
if (($# == 0)); then
  echo 'no shell scripts' >&2
  exit 2
fi

# Both come with the Python environment of the tests (test/requirements.txt), so that every machine has the same.
venv_bin=$(test/tools/setup-python.sh --print-bin)

"$venv_bin/shfmt" --indent 2 --case-indent "$shfmt_mode" "$@"
"$venv_bin/shellcheck" "$@"
