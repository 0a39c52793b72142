#!/usr/bin/env bash
# Trains without end and sees that memory stays flat: ci/soak.sh [MINUTES], 60 unless given. A process
# for each of the backends java and host trains, saves, loads and predicts small networks one after the
# other; once it is warm, after a fifth of the time, its resident memory, heap after a collection, open
# arrays and native blocks must not grow: at most 10 % and 32 MB by the end. Prints them every minute. All
# of the heap is resident from the beginning, for its pages not to count as growth.
# Needs the jar of the command; works in target/soak.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
minutes=${1:-60}
jar=$PWD/java/tacet-cli/target/tacet.jar
work=$PWD/target/soak
if ! [[ $minutes =~ ^[1-9][0-9]*$ ]]; then
  echo "soak.sh: expected a number of minutes, got '$minutes'" >&2
  exit 2
fi
if [ ! -f "$jar" ]; then
  echo "soak.sh: no $jar; build it first: ci/build.sh" >&2
  exit 1
fi
rm -rf "$work"
mkdir -p "$work"
javac -Xlint:all -Werror -d "$work" -cp "$jar" ci/soak/Soak.java
for backend in java host; do
  java -Xms256m -Xmx256m -XX:+AlwaysPreTouch -cp "$work:$jar" Soak "$backend" "$minutes" "$work/$backend.tacet" &
done
status=0
for job in $(jobs -p); do
  wait "$job" || status=1
done
exit $status
