#!/usr/bin/env bash
# Checks the template with whichever Packer is here. Packer 1.9 and newer, with its plugins, checks all of it. Debian's
# 1.6 knows neither the plugin block nor some options of the source, so it checks variables and build with the source
# of the tests, and of those two files that they are HCL.
set -o errexit -o nounset -o pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
if ! command -v packer >/dev/null; then
  echo 'validate-template: Packer is needed as packer; on Debian: apt-get install packer' >&2
  exit 69
fi
version="$(CHECKPOINT_DISABLE=1 packer version | sed -n '1s/^Packer v//p')"
scratch="$(mktemp --directory)"
trap 'rm -rf "$scratch"' EXIT
export CHECKPOINT_DISABLE=1

# What make ami would give.
vars=(-var "contents=$scratch" -var gateway_version=0.0.0 -var commit=0000000 -var region=us-east-1)

packer fmt -check -diff .
if [[ $(printf '%s\n' 1.9.0 "$version" | sort --version-sort | head -1) == 1.9.0 ]]; then
  packer init .
  packer validate "${vars[@]}" .
  echo "validate-template: Packer $version has checked the whole template"
  exit
fi

ssh-keygen -q -t ed25519 -N '' -f "$scratch/key"
mkdir "$scratch/template"
ln -s "$PWD"/{variables,gateway}.pkr.hcl "$PWD/provisioners" "$PWD/../test/image/source.pkr.hcl" "$scratch/template"
packer validate "${vars[@]}" -var test_endpoint=http://127.0.0.1:9 -var test_ssh_host=127.0.0.1 \
  -var test_ssh_port=22 -var "test_ssh_key=$scratch/key" "$scratch/template"
echo "validate-template: Packer $version has checked variables and build with the source of the tests;" \
  'of source.pkr.hcl and plugins.pkr.hcl only that they are HCL'
