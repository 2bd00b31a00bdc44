#!/usr/bin/env bash
# Puts onto a machine, or below a directory, what systemd/installed-files.txt lists, and takes it away again.
#
#   DESTDIR=DIR NODE_DIR=DIR systemd/install.sh install
#   DESTDIR=DIR systemd/install.sh uninstall
#
# Uninstalling also removes the directories that installing had to make, where they are empty then.
set -o errexit -o nounset -o pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
list=systemd/installed-files.txt
destination="${DESTDIR:-}"
made_list="$destination/opt/datomic/gateway/made-directories"

# Prints `kind mode from to` of each row.
read_rows() {
  grep --extended-regexp --invert-match '^(#|$)' "$list"
}

# Makes a directory and those above it that are not there, and remembers them, the outermost first.
make_directory() {
  local directory=$1
  [[ -d $destination$directory ]] && return
  make_directory "$(dirname "$directory")"
  install --directory --mode=0755 "$destination$directory"
  made+=("$directory")
}

install_all() {
  local kind mode from to
  local made=()
  if [[ -e $made_list ]]; then mapfile -t made <"$made_list"; fi
  if [[ -n $destination ]]; then mkdir -p "$destination"; fi
  while read -r kind mode from to; do
    make_directory "$(dirname "$to")"
    case $kind in
      file) install --mode="$mode" "${from/#NODE_DIR/$NODE_DIR}" "$destination$to" ;;
      link) ln --symbolic --force --no-dereference "$from" "$destination$to" ;;
      *)
        echo "install: $list: \"$kind\" is neither file nor link" >&2
        exit 70
        ;;
    esac
  done < <(read_rows)
  printf '%s\n' "${made[@]}" >"$made_list"
}

uninstall_all() {
  local to made=()
  if [[ -e $made_list ]]; then mapfile -t made <"$made_list"; fi
  while read -r _ _ _ to; do
    rm --force "$destination$to"
  done < <(read_rows)
  rm --force "$made_list"
  for ((i = ${#made[@]} - 1; i >= 0; i--)); do
    rmdir --ignore-fail-on-non-empty "$destination${made[i]}" 2>/dev/null || [[ ! -e $destination${made[i]} ]]
  done
}

case ${1:-} in
  install)
    : "${NODE_DIR:?is the directory of the Node package}"
    install_all
    ;;
  uninstall) uninstall_all ;;
  *)
    echo 'usage: install.sh install|uninstall' >&2
    exit 2
    ;;
esac
