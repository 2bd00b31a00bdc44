#!/usr/bin/env bash
# Gathers into one directory all that the image is given, before a machine is started: what is missing or is not what
# its checksum says ends the bake here. What was downloaded is kept by its checksum, so a bake that failed goes on.
#
#   packer/stage.sh DIR
#
#   ARCHITECTURE       x86_64 or arm64
#   ENGINE_FROM        the engine: a directory, an archive (.tar.gz, .zip), s3://…, https://…,
#                      or maven:GROUP:ARTIFACT:VERSION:TYPE
#   JAVA_FROM          Java as .tar.gz, likewise; empty for the pinned Temurin 11, which fits Datomic's PrestoSQL 348
#   SSM_AGENT_FROM     package of the SSM agent (.deb, .rpm), likewise; empty where the distribution has it
#   CLOUDWATCH_AGENT_FROM  package of the CloudWatch agent, likewise; read with -var log_shipper=cloudwatch alone
#   …_SHA256           checksum of each; not for a directory, which has none
#   STAGE_INSTALL      yes (default) runs `make install`; no takes the gateway.tar that lies in DIR
set -o errexit -o nounset -o pipefail

readonly MAVEN_COPY=org.apache.maven.plugins:maven-dependency-plugin:2.8:copy
readonly TEMURIN=https://github.com/adoptium/temurin11-binaries/releases/download/jdk-11.0.32%2B9

fail() {
  echo "stage: $2" >&2
  exit "$1"
}

case ${1:-} in
  -h | --help)
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit
    ;;
esac
if (($# != 1)) || [[ $1 == -* ]]; then fail 2 'usage: stage.sh DIR'; fi
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
mkdir -p "$1"
target="$(cd "$1" && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/datomic-access-gateway/image"
case ${ARCHITECTURE:=x86_64} in
  x86_64)
    node_arch=x64
    java_from="$TEMURIN/OpenJDK11U-jre_x64_linux_hotspot_11.0.32_9.tar.gz"
    java_sha256=87ab4bf8dec10775d986957bc313816678f9227f1d033d7d6e6a1d00dace5b95
    ;;
  arm64)
    node_arch=arm64
    java_from="$TEMURIN/OpenJDK11U-jre_aarch64_linux_hotspot_11.0.32_9.tar.gz"
    java_sha256=c65c7aada375e3f913ff7a9a8ce00a280b1de10a2ac1321789ac5909508cae76
    ;;
  *) fail 2 "ARCHITECTURE is x86_64 or arm64, not \"$ARCHITECTURE\"" ;;
esac
if [[ -n ${JAVA_FROM:-} ]]; then
  java_from=$JAVA_FROM java_sha256=${JAVA_SHA256:-}
fi
if [[ -z ${ENGINE_FROM:-} ]]; then
  fail 2 'ENGINE_FROM is not set: name the engine, a directory, an archive, s3://…, https://… or maven:… '
fi

# Files of one content make archives of one content, whoever packs them and when.
pack() { # directory archive
  tar --create --file="$2" --directory="$1" --sort=name --owner=0 --group=0 --numeric-owner \
    --mtime='2020-01-01 00:00:00Z' --format=gnu .
}

# Says by its status alone whether the file is whole: `set -e` does not hold in what `if` asks.
download() { # from file
  case $1 in
    s3://*) aws s3 cp --only-show-errors "$1" "$2" >&2 ;;
    https://*) curl --fail --silent --show-error --location --retry 3 --output "$2" "$1" ;;
    maven:*)
      mvn --quiet --batch-mode "$MAVEN_COPY" "-Dartifact=${1#maven:}" "-DoutputDirectory=$2.maven" >&2 &&
        mv "$2.maven"/* "$2" && rmdir "$2.maven"
      ;;
    *)
      if [[ ! -f $1 ]]; then fail 2 "$1 is no file"; fi
      cp "$1" "$2"
      ;;
  esac
}

# Sets `fetched` to where the file lies that `from` and `sha256` name. Not by its output: in a process of its own the lock
# would outlive this script when it is killed.
fetched=''
fetch() { # what from sha256
  local what=$1 from=$2 sha256=$3 file part found
  if [[ ! $sha256 =~ ^[0-9a-f]{64}$ ]]; then
    fail 2 "$from has no checksum: set ${what}_SHA256 to the 64 digits of its sha256"
  fi
  file="$cache/$sha256" part="$cache/$sha256.partial"
  mkdir -p "$cache"
  # Bakes of two architectures share the cache.
  exec 9>"$file.lock"
  flock 9
  # Of a bake that was killed.
  rm -rf "$part" "$part.maven"
  if [[ ! -e $file ]]; then
    # Without the lock, for the same reason.
    if ! download "$from" "$part" 9>&-; then
      rm -rf "$part" "$part.maven"
      fail 69 "$from was not downloaded whole; nothing of it was kept"
    fi
    found="$(sha256sum "$part" | cut -c1-64)"
    if [[ $found != "$sha256" ]]; then
      rm -f "$part"
      fail 65 "$from is not what ${what}_SHA256 names: expected $sha256, found $found"
    fi
    mv "$part" "$file"
  fi
  exec 9>&-
  fetched=$file
}

# An archive may hold one directory with everything in it, as distributions do, or everything at once.
unpack() { # file name directory
  case $2 in
    *.tar.gz | *.tgz | *:tar.gz) tar --extract --file="$1" --directory="$3" --no-same-owner ;;
    *.zip | *:zip) python3 -m zipfile -e "$1" "$3" ;;
    *) fail 2 "$2 is neither .tar.gz nor .zip" ;;
  esac
}

repack() { # what from sha256 marker archive
  local what=$1 from=$2 marker=$4 archive=$5 home found
  if [[ -d $from ]]; then
    home=$from
  else
    fetch "$what" "$from" "$3"
    rm -rf "$work"
    mkdir "$work"
    unpack "$fetched" "$from" "$work"
    found="$(find "$work" -mindepth 1 -maxdepth 5 -path "*/$marker" -print -quit)"
    home="${found%"/$marker"}"
  fi
  if [[ -z $home || ! -e $home/$marker ]]; then fail 65 "$from holds no $marker"; fi
  pack "$home" "$archive.partial"
  mv "$archive.partial" "$archive"
}

work="$target/.work"
trap 'rm -rf "$work"' EXIT

if [[ ${STAGE_INSTALL:-yes} == yes ]]; then
  rm -rf "$work"
  mkdir "$work"
  make --no-print-directory --directory="$root" install DESTDIR="$work" NODE_ARCH="$node_arch" >&2
  # Written by make install for uninstalling; it names what this machine lacked.
  rm -f "$work/opt/datomic/gateway/made-directories"
  pack "$work" "$target/gateway.tar"
  cp "$root/dist/sbom.cdx.json" "$target/sbom-npm.json"
fi
repack ENGINE "$ENGINE_FROM" "${ENGINE_SHA256:-}" plugin "$target/engine.tar"
repack JAVA "$java_from" "$java_sha256" bin/java "$target/java.tar"
rm -f "$target"/amazon-ssm-agent.* "$target"/amazon-cloudwatch-agent.*
if [[ -n ${SSM_AGENT_FROM:-} ]]; then
  fetch SSM_AGENT "$SSM_AGENT_FROM" "${SSM_AGENT_SHA256:-}"
  cp "$fetched" "$target/amazon-ssm-agent.${SSM_AGENT_FROM##*[.:]}"
fi
if [[ -n ${CLOUDWATCH_AGENT_FROM:-} ]]; then
  fetch CLOUDWATCH_AGENT "$CLOUDWATCH_AGENT_FROM" "${CLOUDWATCH_AGENT_SHA256:-}"
  cp "$fetched" "$target/amazon-cloudwatch-agent.${CLOUDWATCH_AGENT_FROM##*[.:]}"
fi
echo "stage: $target holds $(du -sh "$target" | cut -f1)" >&2
