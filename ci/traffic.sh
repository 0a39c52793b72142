#!/usr/bin/env bash
# Counts the bytes that operations load from and store to device memory, under host execution, and
# compares them with cuda/traffic.tsv: ci/traffic.sh [--update | --kernels]. --update writes the
# table anew, --kernels tells the kernels of each operation apart. Builds in target/traffic.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=target/traffic

mkdir -p "$build"
{
  cmake -S native -B "$build" -DTACET_COUNT_TRAFFIC=ON -DTACET_CUDA=off &&
    cmake --build "$build" --parallel "$(nproc)"
} >"$build/build.log" || {
  tail -30 "$build/build.log" >&2
  exit 1
}
program=$build/traffic/traffic
case ${1:-} in
  '') exec "$program" compare cuda/traffic.tsv ;;
  --update) exec "$program" update cuda/traffic.tsv ;;
  --kernels) exec "$program" kernels ;;
  *)
    echo "usage: ci/traffic.sh [--update | --kernels]" >&2
    exit 2
    ;;
esac
