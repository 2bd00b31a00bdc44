#!/usr/bin/env bash
# Fetches a real engine by Maven coordinates and checksum, once, into a cache outside the checkout; finds a Java that
# it runs on. Prints two lines: the engine's home, which also holds the vendor's client as cli.jar, and the program java.
#
#   test/tools/setup-engine.sh presto|trino
#
# The Java of `JAVA_HOME_17…` or `JAVA_HOME_25…`, of `JAVA_HOME`, or below /usr/lib/jvm.
set -o errexit -o nounset -o pipefail

# sha256, coordinates, where it is unpacked below the home (`.`: it is the distribution itself), or put as a file.
case ${1:-} in
  presto)
    name='PrestoSQL 350' version=350 java_oldest=11 java_newest=17 package=openjdk-17-jre-headless
    parts=(
      '7ff267220c6127aa18e4dac4d7fd3a0b3f46f5be36b60e048931117766afc7a8 io.prestosql:presto-server:350:tar.gz .'
      '483c377fcebf2015e24d49df5da9a6b847217a955b1a74c297fc40eab9c46b17 io.prestosql:presto-cli:350:jar:executable cli.jar'
    )
    ;;
  trino)
    name='Trino 476' version=476 java_oldest=24 java_newest=25 package='temurin-25-jdk (adoptium.net)'
    parts=(
      '0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158 io.trino:trino-server-core:476:tar.gz .'
      'd83467efe864b1e77013208c293835e197bc3135318c2895521c1efbb7f232bd io.trino:trino-tpch:476:zip plugin/tpch'
      'bade81c52e2f7177a7b867aee1b10fae48fefda9c38f3ec6aeb006fdde5f0378 io.trino:trino-memory:476:zip plugin/memory'
      'fe4e9c7fb569cd67673afa1622945f6308e1e59bdb825419352b80887661757b io.trino:trino-cli:476:jar:executable cli.jar'
    )
    ;;
  *)
    echo 'usage: setup-engine.sh presto|trino' >&2
    exit 2
    ;;
esac
copy=org.apache.maven.plugins:maven-dependency-plugin:2.8:copy

# The feature release of a Java home, by its own word; nothing where it is none.
feature_of() {
  [[ -x $1/bin/java && -r $1/release ]] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

find_java() {
  local best='' best_feature=0 home feature variable
  local homes=()
  for variable in ${!JAVA_HOME*}; do homes+=("${!variable}"); done
  for home in "${homes[@]}" /usr/lib/jvm/*; do
    feature="$(feature_of "$home")"
    [[ -n $feature ]] || continue
    if ((feature >= java_oldest && feature <= java_newest && feature > best_feature)); then
      best=$home best_feature=$feature
    fi
  done
  if [[ -z $best ]]; then
    echo "setup-engine: $name needs Java $java_newest (at least $java_oldest), and none is here: install" \
      "$package, or name its home in JAVA_HOME_$java_newest" >&2
    exit 69
  fi
  echo "$best/bin/java"
}

fetch() { # sha256 coordinates directory
  local coordinates=$2 directory=$3 file
  mvn --quiet --batch-mode "$copy" "-Dartifact=$coordinates" "-DoutputDirectory=$directory" -Dmdep.useBaseVersion=true >&2
  file="$(find "$directory" -maxdepth 1 -type f)"
  if ! echo "$1  $file" | sha256sum --check --status; then
    echo "setup-engine: $coordinates is not the file that was pinned: $(sha256sum "$file" | cut -d' ' -f1)" >&2
    exit 65
  fi
  echo "$file"
}

unpack() { # home
  local home=$1 part checksum coordinates place file download
  mkdir -p "$home"
  for part in "${parts[@]}"; do
    read -r checksum coordinates place <<<"$part"
    download="$home/.download"
    rm -rf "$download"
    mkdir "$download"
    file="$(fetch "$checksum" "$coordinates" "$download")"
    if [[ $file == *.jar ]]; then
      mv "$file" "$home/$place"
      rm -rf "$download"
      continue
    fi
    mkdir -p "$home/$place"
    if [[ $file == *.zip ]]; then
      python3 -m zipfile -e "$file" "$download/unpacked"
      # An archive holds one directory, named after itself.
      mv "$download"/unpacked/*/* "$home/$place"
    else
      tar --extract --file="$file" --directory="$home/$place" --strip-components=1
    fi
    rm -rf "$download"
  done
}

java="$(find_java)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/datomic-access-gateway"
hash="$(printf '%s\n' "${parts[@]}" | sha256sum | cut -c1-8)"
home="$cache/$1-$version-$hash"
# Renamed last, so it is there exactly when it is whole.
if [[ ! -e $home ]]; then
  mkdir -p "$cache"
  exec 9>"$home.lock"
  flock 9
  if [[ ! -e $home ]]; then
    if ! command -v mvn >/dev/null; then
      echo 'setup-engine: Maven is needed as mvn; on Debian: apt-get install maven' >&2
      exit 69
    fi
    echo "setup-engine: fetching $name into $home (once; up to 500 MB)" >&2
    rm -rf "$home.partial"
    unpack "$home.partial"
    mv "$home.partial" "$home"
  fi
  exec 9>&-
fi

printf '%s\n%s\n' "$home" "$java"
