#!/usr/bin/env bash
# Builds the Java modules twice, from two copies of the last commit in different folders, and compares
# what comes out: every jar must be the same, byte for byte. Arguments go to Maven. Works in
# target/reproducible.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$PWD/target/reproducible
rm -rf "$work"
for side in one another/place; do
  mkdir -p "$work/$side"
  git archive HEAD | tar -x -C "$work/$side"
  (cd "$work/$side" && mvn -q -DskipTests -Dspotless.check.skip -Dtacet.native=off "$@" package)
  (cd "$work/$side" && find java bench -path '*/target/*.jar' -print0 | sort -z | xargs -0 sha256sum) \
    >"$work/$(basename "$side").sums"
done
if ! diff "$work/one.sums" "$work/place.sums"; then
  echo "reproducible.sh: the jars above differ between two builds" >&2
  exit 1
fi
echo "reproducible: $(wc -l <"$work/one.sums") jars are the same in both builds"
