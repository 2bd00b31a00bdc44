#!/usr/bin/env bash
# What the image is made of: version-info.json for people and pipelines, and an SBOM in CycloneDX for scanners. Both lie
# in the image too. No time stamps: two images of one commit differ in nothing that they need not.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

list_packages | LC_ALL=C sort >"$BAKE_DIR/packages.tsv"
/opt/datomic/gateway/bin/node "$BAKE_DIR/provisioners/write-version-info.mjs" "$BAKE_DIR" /opt/datomic/gateway
