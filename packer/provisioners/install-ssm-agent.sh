#!/usr/bin/env bash
# The SSM agent, which takes the operators' commands: from the package that was given, or from the distribution.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

if ! is_installed amazon-ssm-agent; then
  given=("$BAKE_DIR"/amazon-ssm-agent.*)
  if [[ -e ${given[0]} ]]; then
    install_package_file "${given[0]}"
  else
    install_ssm_agent
  fi
fi
systemctl enable --quiet amazon-ssm-agent.service
