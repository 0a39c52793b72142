#!/usr/bin/env bash
# Compares what nvcc has made of the kernels for sm_90 with cuda/kernels.tsv: ci/kernels.sh [--update]
# [LIBRARY]. Registers, shared memory, resident warps and counts of instructions have to be those of
# the table, and no kernel may use local memory. The library is that of the last build, uncompressed
# as development builds are; --update writes the table anew. Needs a JDK, nvcc and c++filt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=compare
if [ "${1:-}" = --update ]; then
  mode=update
  shift
fi
library=${1:-java/tacet-cuda/target/classes/io/tacet/cuda/natives/linux-x86_64/libtacet.so}
classes=target/kernels

if ! command -v nvcc >/dev/null; then
  echo "kernels: skipped, there is no nvcc"
  exit 0
fi
if [ ! -f "$library" ]; then
  echo "kernels.sh: no $library; build it first: ci/build.sh" >&2
  exit 2
fi
mkdir -p "$classes"
javac -Xlint:all -Werror -d "$classes" ci/kernels/*.java
nvcc -std=c++17 -O3 -arch=sm_90 -cubin -o "$classes/probe.cubin" ci/kernels/probe.cu
java -cp "$classes" Probe ci/kernels/probe.cu "$classes/probe.cubin"
java -cp "$classes" Gate "$mode" "$library" cuda/kernels.tsv
