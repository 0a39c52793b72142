#!/bin/sh
# Builds and runs the native tests under the address and undefined-behaviour sanitizers; needs g++
# and cmake, no GPU and no nvcc.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${1:-$root/native/build/sanitized}
cmake -S "$root/native" -B "$build" -DTACET_SANITIZE=ON -DTACET_CUDA=off
cmake --build "$build" --parallel 2
ctest --test-dir "$build" --output-on-failure
