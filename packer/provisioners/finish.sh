#!/usr/bin/env bash
# Cleans up and looks at what is left, as one step: after it the user that bakes has no rights any more.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

bash "$BAKE_DIR/provisioners/cleanup.sh"
bash "$BAKE_DIR/provisioners/validate.sh"
rm -rf "$BAKE_DIR"
