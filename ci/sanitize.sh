#!/usr/bin/env bash
# Runs the native tests, which execute the kernels on the CPU, under the address, leak and
# undefined-behaviour sanitizers, with the C ABI checking contexts, addresses and bounds. Any finding
# fails. Builds in target/sanitize.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=target/sanitize

mkdir -p "$build"
cmake -S native -B "$build" -DTACET_SANITIZE=ON -DTACET_CHECKED=ON -DTACET_CUDA=off -DTACET_TESTS=ON \
  -DCMAKE_BUILD_TYPE=RelWithDebInfo >"$build/configure.log" || {
  cat "$build/configure.log" >&2
  exit 1
}
cmake --build "$build" --parallel "$(nproc)" -- --no-print-directory --silent
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
ctest --test-dir "$build" --output-on-failure --timeout 600 --parallel "$(nproc)"
