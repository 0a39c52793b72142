#!/usr/bin/env bash
# Fuzzes the readers of files with Jazzer, guided by coverage: ci/fuzz.sh [INPUTS] [TARGET]. Each target
# is a method of a class ending in FuzzTest and gets INPUTS inputs (1000000); TARGET is a part of such
# names as ReaderFuzzTest.idx. Whatever a reader does with an input but reading it or refusing it by an
# exception that names it, in memory in proportion to it and within seconds, ends that target's run; the
# input then lies in target/fuzz/NAME/findings and belongs, once what it found is mended, into
# src/test/resources beside the class, in CLASSInputs/METHOD, where every build runs it.
# Corpora that grow from run to run are in target/fuzz. Seeds are also small files of TACET_DATA.
# Inputs are files in memory (/dev/shm) where there is such a place: to write over a file on a disk takes
# longer than to read it. Needs what ci/build.sh has built, and at least once Maven for the class path of
# the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
inputs=${1:-1000000}
wanted=${2:-}
work=$PWD/target/fuzz
if ! [[ $inputs =~ ^[1-9][0-9]*$ ]]; then
  echo "fuzz.sh: expected a number of inputs, got '$inputs'" >&2
  exit 2
fi
mkdir -p "$work"
memory=${TMPDIR:-/tmp}
if [ -d /dev/shm ] && [ -w /dev/shm ]; then
  memory=/dev/shm
fi

# path MODULE: the class path of a module's tests
path() {
  local list=$work/$1.classpath
  if [ ! -s "$list" ] || [ "java/tacet-$1/pom.xml" -nt "$list" ] || [ pom.xml -nt "$list" ]; then
    mvn -q -pl "java/tacet-$1" -am test-compile -Dtacet.native=off \
      org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath \
      -Dmdep.includeScope=test "-Dmdep.outputFile=$work/classpath.txt" >&2
    mv "$work/classpath.txt" "$list"
  fi
  echo "java/tacet-$1/target/test-classes:java/tacet-$1/target/classes:$(cat "$list")"
}

found=0
run=0
for module in models nir onnx cli; do
  classes=
  for file in $(find "java/tacet-$module/src/test/java" -name '*FuzzTest.java' | sort); do
    class=$(echo "${file#*src/test/java/}" | sed 's:/:.:g; s:\.java$::')
    for method in $(sed -n '/@FuzzTest/{n;s/^ *void \([a-zA-Z0-9]*\)(.*/\1/p}' "$file"); do
      name=${class##*.}.$method
      if [[ $name != *"$wanted"* ]]; then
        continue
      fi
      classes=${classes:-$(path "$module")}
      mkdir -p "$work/$name/corpus" "$work/$name/findings"
      began=$SECONDS
      status=0
      java "-Djava.io.tmpdir=$memory" -XX:+EnableDynamicAgentLoading -Xmx2g -cp "$classes" com.code_intelligence.jazzer.Jazzer \
        "--target_class=$class" "--target_method=$method" \
        '--instrumentation_includes=io.tacet.**:io.jhdf.**:io.airlift.**:de.siegmar.**' \
        '--custom_hook_includes=io.tacet.**' "--reproducer_path=$work/$name/findings" \
        "-runs=$inputs" -timeout=30 -max_total_time=0 -rss_limit_mb=0 "-artifact_prefix=$work/$name/findings/" \
        "$work/$name/corpus" >"$work/$name/log" 2>&1 || status=$?
      run=$((run + 1))
      done=$(grep -o '^#[0-9][0-9]*' "$work/$name/log" | tail -1 | tr -d '#' || true)
      if [ "$status" -eq 0 ]; then
        echo "$name: ${done:-0} inputs in $((SECONDS - began)) s, nothing found"
      elif [ "${done:-0}" -eq 0 ] && [ -z "$(ls "$work/$name/findings")" ]; then
        found=$((found + 1))
        echo "$name: DID NOT RUN; see target/fuzz/$name/log"
      else
        found=$((found + 1))
        echo "$name: FOUND after ${done:-0} inputs; see target/fuzz/$name/log"
      fi
    done
  done
done
if [ "$run" -eq 0 ]; then
  echo "fuzz.sh: no target has '$wanted' in its name" >&2
  exit 2
fi
echo "fuzz: $run targets, $found with findings"
[ "$found" -eq 0 ]
