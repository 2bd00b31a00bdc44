#!/usr/bin/env bash
# Packages of the distribution that the units rest on; takes away what would be a second way in.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

missing=()
for package in "${PACKAGES[@]}"; do
  if ! is_installed "$package"; then missing+=("$package"); fi
done
if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi

unwanted=()
for package in "${UNWANTED_PACKAGES[@]}"; do
  if is_installed "$package"; then unwanted+=("$package"); fi
done
if ((${#unwanted[@]} > 0)); then remove_packages "${unwanted[@]}"; fi
