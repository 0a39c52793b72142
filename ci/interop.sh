#!/usr/bin/env bash
# Builds the adapters of other libraries and tests them with the libraries themselves: DJL, ND4J, ONNX
# Runtime and libtorch, whose native libraries (about 400 MB) Maven fetches once. Leaves what their
# examples need in target/classpath.txt of each. Arguments go to Maven, such as -o.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
modules=(djl nd4j onnxruntime pytorch)

list=$(printf ',java/tacet-%s' "${modules[@]}")
tests=$(printf ',**/%s/*Test' "${modules[@]}")
for module in "${modules[@]}"; do
  rm -rf "java/tacet-$module/target/surefire-reports"
done
mvn -q -Pinterop -pl "${list:1}" -am "-Dtest=${tests:1}" -Dsurefire.failIfNoSpecifiedTests=false \
  "$@" verify

for module in "${modules[@]}"; do
  cat "java/tacet-$module"/target/surefire-reports/*.txt | awk -F '[:,]' -v module="java/tacet-$module" '
    /^Tests run:/ { run += $2; failed += $4; errors += $6; skipped += $8 }
    END {
      printf "Tests run: %d, Failures: %d, Errors: %d, Skipped: %d - in %s\n", run, failed, errors, skipped, module
      exit run == 0
    }'
done
