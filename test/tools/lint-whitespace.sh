#!/usr/bin/env bash
# Finds white space at line ends, conflict markers and missing final newlines in all tracked text files, also in
# those that no formatter knows. The cases of the readers are left out: they are odd on purpose.
set -o errexit -o nounset -o pipefail

if ! git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  echo 'white space is checked in a git checkout only; skipped'
  exit 0
fi

empty_tree=$(git hash-object -t tree /dev/null)
git -c core.whitespace=trailing-space,space-before-tab,blank-at-eof diff --check "$empty_tree" -- . ':!test/cases'

status=0
while IFS= read -r -d '' file; do
  if [[ -s $file && -n $(tail -c 1 "$file") ]]; then
    echo "$file: no newline at the end"
    status=1
  fi
done < <(git grep -I -l -z '' -- . ':!test/cases')
exit "$status"
