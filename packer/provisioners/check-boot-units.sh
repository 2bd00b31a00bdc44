#!/usr/bin/env bash
# What starts at boot must be ours, the distribution's, or something that a person has looked at. Done early, so that a
# base image with services of its own ends the bake before the long part of it, and again by validate.sh.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

is_expected() { # unit
  local pattern
  for pattern in "${OUR_UNITS[@]}" "$SSH_UNIT" "${BOOT_UNITS[@]}"; do
    # A pattern it is meant to be.
    # shellcheck disable=SC2053
    if [[ $1 == $pattern ]]; then return 0; fi
  done
  return 1
}

unexpected=()
while read -r unit _; do
  if ! is_expected "$unit"; then unexpected+=("\"$unit\""); fi
done < <(systemctl list-unit-files --type=service,socket,timer,path --state=enabled,generated --no-legend)
if ((${#unexpected[@]} > 0)); then
  names="$(IFS=, && echo "${unexpected[*]}")"
  fail "these units start at boot, and are neither ours nor the distribution's: look at each, and bake with\
 PACKER_ARGS=\"-var 'boot_units=[${names//\"/\\\"}]'\" if they may"
fi
