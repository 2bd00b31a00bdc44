#!/usr/bin/env bash
# Trains the warm start for this engine with this Java. An archive of another image would only be ignored at the start.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

started_at=$SECONDS
/usr/local/bin/gatewayctl engine train
echo "trained the engine in $((SECONDS - started_at)) s"
