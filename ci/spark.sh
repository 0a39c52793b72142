#!/usr/bin/env bash
# Tests the module for Spark with the real Spark of each version given, unless said 3.5.6 and 4.0.1, on
# local[2] and on local clusters of processes, and runs its example. Maven fetches 300 MB for each version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
versions=("$@")
[ ${#versions[@]} -gt 0 ] || versions=(3.5.6 4.0.1)
module=java/tacet-spark
opens=()
for package in java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util \
  java.util.concurrent java.util.concurrent.atomic jdk.internal.ref sun.nio.ch sun.nio.cs \
  sun.security.action sun.util.calendar; do
  opens+=("--add-opens=java.base/$package=ALL-UNNAMED")
done

for version in "${versions[@]}"; do
  # Spark's own.
  case $version in
    3.*) jackson=2.15.2 ;;
    *) jackson=2.18.2 ;;
  esac
  rm -rf "$module/target"
  mvn -q -Pspark "-Dspark.version=$version" "-Dspark.jackson.version=$jackson" -pl "$module" -am "-Dtest=io/tacet/spark/**" \
    -Dsurefire.failIfNoSpecifiedTests=false verify
  echo "Spark $version: $(cat "$module"/target/surefire-reports/*.txt | grep -c '^Tests run') classes of tests"
  # The class path of the tests, which they have written for the processes that they start.
  classes=$module/target/spark-home/jars/classpath.jar
  mkdir -p target/spark-example
  javac -Xlint:all,-path,-classfile -Werror -d target/spark-example -cp "$classes" examples/spark/*.java
  java "${opens[@]}" -Dspark.ui.enabled=false -cp "target/spark-example:$classes" TrainOnSpark 2 16 2>&1 |
    tee target/spark-example.log
  grep -q "the same to the last bit" target/spark-example.log
done
