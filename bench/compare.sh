#!/usr/bin/env bash
# Compares two results of JMH (-rf json, or results.json of ./tacet bench): time ratios with 99 %
# intervals and allocation per call. Either result may be several files: BASE... -- NEW...
# Status 1: something takes more than 1.5 x as long with confidence, or allocates more. Status 2:
# nothing to compare.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jar="$here/target/benchmarks.jar"

if [ ! -f "$jar" ]; then
  echo "compare.sh: building $jar ..." >&2
  (cd "$here/.." && mvn -q -pl bench -am -DskipTests ${TACET_BUILD_OPTS:-} package) >&2
fi
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -cp "$jar" io.tacet.bench.Compare "$@"
