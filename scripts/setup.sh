#!/usr/bin/env bash
# Installs with apt what a part of the work needs and does nothing where all is there.
#
#   scripts/setup.sh [--check] PART...      PART: build test clang fuzz format bench
#
# --check installs nothing: it names what is missing and exits 1.
set -euo pipefail

declare -A packages=(
  [build]="g++ cmake ninja-build make pkg-config librocksdb-dev libabsl-dev tao-pegtl-dev
           libicu-dev libre2-dev zlib1g-dev libzstd-dev libsimdjson-dev libserd-dev libedit-dev libcli11-dev"
  [test]="catch2 python3 git ccache"
  [clang]="clang-14"
  [fuzz]="libfuzzer-14-dev libclang-rt-14-dev"
  [format]="clang-format-14 git"
  [bench]="libbenchmark-dev python3"
)

check=false
if [[ ${1:-} == --check ]]; then
  check=true
  shift
fi
wanted=()
for part in "$@"; do
  if [[ -z ${packages[$part]:-} ]]; then
    echo "scripts/setup.sh: no part '$part'; there are: ${!packages[*]}" >&2
    exit 2
  fi
  read -r -d '' -a names <<<"${packages[$part]}" || true
  wanted+=("${names[@]}")
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  # Another system: CMake says what it does not find.
  echo "This is not Debian or a relative of it, so nothing is installed here. Needed are:" >&2
  echo "  ${wanted[*]}" >&2
  echo "See docs/dependencies.md for what they are; vcpkg.json lists them for vcpkg." >&2
  exit 0
fi

installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p')
missing=()
for name in "${wanted[@]}"; do
  grep -qxF -- "$name" <<<"$installed" || missing+=("$name")
done
((${#missing[@]} > 0)) || exit 0

if $check; then
  echo "Missing packages: ${missing[*]}" >&2
  echo "Install them with:  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  echo "or run 'make demo' or 'make test', which install what they need." >&2
  exit 1
fi

as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "Missing packages: ${missing[*]}" >&2
    echo "Installing them needs root, and there is no sudo; as root run:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"; }

echo "Installing: ${missing[*]}"
if ! apt install --no-install-recommends "${missing[@]}"; then
  # No package lists yet, or too old ones.
  apt update
  apt install --no-install-recommends "${missing[@]}"
fi
