#!/usr/bin/env bash
# The regression guard: ci/guard.sh [MAIN]. Measures a few benchmarks of the java backend before and
# after a change, alternating in the same run, and fails where one has become more than 1.5 x slower
# with confidence or allocates more, and twice as many processes find the same once more. Absolute
# times play no part.
#
# After: the working tree. Before: where HEAD has left MAIN (origin/main or main), or the first
# parent of HEAD when it has not. The jar of the latest base stays in target/guard, beside what was
# measured; TACET_BUILD_OPTS are options for Maven. The last line says what came out, the status too:
#
#   0  no regression, or nothing to compare
#   1  regression
#   2  what there is now does not build, or lacks or fails one of the benchmarks below
#   3  the base does not build or has none of the benchmarks: the change may be what repairs it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
shopt -s nullglob

# Name and options of JMH. What the compiler takes longer for is warmed up longer.
csr='-w 200ms -p n=4096 -p density=0.01 -p activity=0.05 -p format=CSR'
egru='-w 600ms -p units=256 -p batch=8 -p steps=16 -p threshold=0.3'
benchmarks=(
  "PropagationBenchmark.forward $csr"
  "PropagationBenchmark.transposed $csr"
  "PropagationBenchmark.weightGradient $csr"
  'EventPropBenchmark.trainingStep -w 600ms -p network=yin-yang -p simulator=exact -p precision=float32'
  "EgruBenchmark.forward $egru"
  "EgruBenchmark.backward $egru"
  'EgruStreamBenchmark.step -w 200ms -p units=1024 -p activity=0.1'
)
# What the jar of the benchmarks is made from.
sources=(pom.xml .mvn native/include java/*/pom.xml java/*/src/main bench/pom.xml bench/src/main)

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
folder=target/guard
jar=bench/target/benchmarks.jar

end() {
  echo "guard: $2"
  exit "$1"
}

# The commit before the change; nothing where there is none.
find_base() {
  local main=$1 head base
  head=$(git rev-parse -q --verify 'HEAD^{commit}') || return 0
  if [ -z "$main" ]; then
    main=$(git rev-parse -q --verify 'origin/main^{commit}' ||
      git rev-parse -q --verify 'main^{commit}' || true)
  fi
  base=$(git merge-base "$head" "${main:-$head}" || true)
  if [ -z "$base" ] || [ "$base" = "$head" ]; then
    base=$(git rev-parse -q --verify "$head^1" || true)
  fi
  echo "$base"
}

# From an archive, which leaves nothing behind in .git when it is stopped, as a worktree would.
build_base() {
  git archive "$base" | tar -x -C "$folder/source" &&
    "$folder/source/ci/build.sh" --batch-mode -pl bench -am -Dtacet.native=off \
      -Dspotless.check.skip=true ${TACET_BUILD_OPTS:-} &&
    mv "$folder/source/$jar" "$folder/$base.jar"
}

# A process of its own for one benchmark: measure JAR RESULT NAME OPTION...
measure() {
  "$java" -Djmh.ignoreLock=true -jar "$1" "[.]$3\$" "${@:4}" -p backend=java -p threads=1 \
    -f 1 -wi 3 -i 4 -r 200ms -foe true -prof gc -rf json -rff "$2" >"$folder/jmh.log" 2>&1 &&
    return
  rm -f "$2"
  return 1
}

# Measures both sides alternately, swapping the order every round, and compares them; status 1 for
# what has become worse: compare RUN ROUNDS BENCHMARK...
compare() {
  local results=$folder/$1 round benchmark name side sides args
  local -A jars=([base]=$folder/$base.jar [new]=$jar) skipped=()
  rm -rf "$results"
  mkdir -p "$results"
  for ((round = 1; round <= $2; round++)); do
    sides='base new'
    if ((round % 2 == 0)); then
      sides='new base'
    fi
    for benchmark in "${@:3}"; do
      read -ra args <<<"$benchmark"
      name=${args[0]}
      for side in $sides; do
        if [ -n "${skipped[$name]:-}" ] ||
          measure "${jars[$side]}" "$results/$side-$name-$round.json" "${args[@]}"; then
          continue
        fi
        if [ $side = new ]; then
          tail -30 "$folder/jmh.log"
          end 2 "does not run: $benchmark"
        fi
        echo "guard: skipped, as the base does not know or run it: $benchmark"
        skipped[$name]=yes
      done
    done
  done
  local before=("$results"/base-*.json)
  if [ ${#before[@]} -eq 0 ]; then
    end 3 "the base $base has none of the benchmarks; nothing was compared"
  fi
  bench/compare.sh "${before[@]}" -- "$results"/new-*.json | tee "$results/report.md" || {
    [ $? -eq 1 ] || end 2 "the results could not be compared"
    return 1
  }
}

if [ $# -gt 1 ] || { [ $# -eq 1 ] && ! git rev-parse -q --verify "$1^{commit}" >/dev/null; }; then
  echo "usage: ci/guard.sh [MAIN], a branch or commit that is known here" >&2
  exit 2
fi
base=$(find_base "${1:-}")
if [ -z "$base" ]; then
  end 0 "nothing to compare with: no commit before this one is known here (a shallow clone?)"
fi
what=$(git log -1 --format='%h (%s)' "$base")
if git diff --quiet "$base" -- "${sources[@]}"; then
  end 0 "nothing that is measured has changed since $what"
fi
if [ ! -f "$jar" ] || [ -n "$(find "${sources[@]}" -newer "$jar" -print -quit)" ]; then
  echo "guard: building $jar ..."
  ci/build.sh -pl bench -am ${TACET_BUILD_OPTS:-} || end 2 "what there is now does not build"
fi
if [ ! -f "$folder/$base.jar" ]; then
  echo "guard: building the base $what ..."
  rm -rf "$folder"
  mkdir -p "$folder/source"
  if ! build_base >"$folder/build.log" 2>&1; then
    tail -30 "$folder/build.log"
    end 3 "the base $what does not build; nothing was compared"
  fi
  rm -rf "$folder/source"
fi

echo "guard: measuring against $what ..."
if compare first 3 "${benchmarks[@]}"; then
  end 0 "no regression since $what"
fi

# A busy machine can look like a regression, hardly twice with the same benchmark. Iterations of a
# process share its luck, so more processes are what tells more.
suspects=()
for benchmark in "${benchmarks[@]}"; do
  if grep -q "^| ${benchmark%% *} .*\(SLOWER\|ALLOCATES MORE\)" "$folder/first/report.md"; then
    suspects+=("$benchmark")
  fi
done
echo "guard: suspected, measuring once more: $(printf '%s\n' "${suspects[@]%% *}" | paste -sd ' ')"
compare second 6 "${suspects[@]}" || end 1 "regression since $what, found twice"
end 0 "no regression since $what: what was suspected was not found again"
