#!/usr/bin/env bash
# The Java that the engine is started with, where the agent looks for one. Its checksum was compared before it was
# sent here.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

readonly HOME_OF_JAVA=/opt/java/engine

if [[ ! -e $BAKE_DIR/java.tar ]]; then fail 'there is no java.tar: run packer/stage.sh'; fi
rm -rf "$HOME_OF_JAVA"
install --directory "$HOME_OF_JAVA"
tar --extract --file="$BAKE_DIR/java.tar" --directory="$HOME_OF_JAVA" --no-same-owner
if ! version="$("$HOME_OF_JAVA/bin/java" -version 2>&1)"; then
  fail "the Java that was given does not run here: ${version%%$'\n'*}"
fi
echo "installed ${version%%$'\n'*}"
