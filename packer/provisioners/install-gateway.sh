#!/usr/bin/env bash
# What `make install` has laid out, its users and directories; no unit is started.
# shellcheck source-path=SCRIPTDIR source=distribution.sh
source "$BAKE_DIR/provisioners/distribution.sh"

readonly SETTINGS=/etc/datomic-gateway/agent.json

if [[ ! -e $BAKE_DIR/gateway.tar ]]; then fail 'there is no gateway.tar: run packer/stage.sh'; fi
# --keep-directory-symlink: a distribution's /lib may be a link; modes of directories that are there stay as they are.
tar --extract --file="$BAKE_DIR/gateway.tar" --directory=/ --no-same-owner --keep-directory-symlink \
  --no-overwrite-dir
systemd-sysusers
systemd-tmpfiles --create --prefix=/etc/datomic-gateway --prefix=/var/lib/datomic-gateway \
  --prefix=/var/lib/datomic-analytics --prefix=/run/datomic-analytics --prefix=/run/datomic-gateway
systemctl daemon-reload

if [[ ! -e $SETTINGS ]]; then fail "make install has put no settings where tmpfiles would copy them to $SETTINGS"; fi
