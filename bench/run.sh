#!/usr/bin/env bash
# Runs a named set of benchmarks and keeps the results with what is needed to repeat them, in
# bench/results/<machine>/<date>-<commit>/<set>.json and .txt.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
jar="$here/target/benchmarks.jar"

usage() {
  cat <<'TEXT'
bench/run.sh SET [JMH OPTIONS]
  eventprop-java   EventProp, exact, java, 1 and 2 threads, float32 and float64
  eventprop-grid   EventProp on a grid of 0.1 ms, java, 1 and 2 threads, float32
  eventprop-host   EventProp, exact, the CUDA kernels executed on the CPU
  eventprop-cuda   EventProp, exact and grid, on a GPU
  propagation      sparse event propagation, java, 1 and 2 threads
  quick            one short fork of eventprop-java in float32: to see that it runs, not to keep
JMH options go through, such as -f 1 -i 3 or -prof gc; BENCH_MACHINE names the machine.
TEXT
}

set_name=${1:-}
shift || true
case "$set_name" in
  eventprop-java) args=(EventPropBenchmark -p simulator=exact) ;;
  eventprop-grid) args=(EventPropBenchmark -p simulator=grid -p precision=float32) ;;
  eventprop-host)
    args=(EventPropBenchmark -p simulator=exact -p backend=host -p precision=float32) ;;
  eventprop-cuda) args=(EventPropBenchmark -p backend=cuda -p threads=1 -p precision=float32) ;;
  propagation) args=(PropagationBenchmark -p threads=1,2) ;;
  quick)
    args=(EventPropBenchmark -p simulator=exact -p precision=float32 -p threads=1
      -f 1 -wi 1 -i 1 -w 100ms -r 100ms) ;;
  -h | --help | '')
    usage
    exit 0
    ;;
  *)
    usage >&2
    echo "run.sh: no set '$set_name'" >&2
    exit 2
    ;;
esac

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
if [ ! -f "$jar" ]; then
  echo "building $jar ..." >&2
  (cd "$root" && mvn -q -pl bench -am -DskipTests package)
fi

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
name=$(printf '%s-%sx' "${processor:-unknown}" "$(nproc)" | tr -cs 'A-Za-z0-9' '-' | tr 'A-Z' 'a-z')
machine=${BENCH_MACHINE:-${name%-}}
commit=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)
if [ -n "$(git -C "$root" status --porcelain -- java cuda native bench/src 2>/dev/null)" ]; then
  commit="$commit-modified"
fi
out="$here/results/$machine/$(date -u +%Y-%m-%d)-$commit"
if [ "$set_name" = quick ]; then
  out="$here/target/quick"
fi
mkdir -p "$out"

command=("$java" -jar "$jar" "${args[@]}" -rf json -rff "$out/$set_name.json" "$@")
{
  echo "command: bench/run.sh $set_name $*"
  echo "jmh: ${args[*]} $*"
  echo "commit: $commit"
  echo "date: $(date -u +%Y-%m-%dT%H:%M:%SZ)"
  echo "processor: ${processor:-unknown}, $(nproc) cores, load before: $(cut -d ' ' -f 1-3 /proc/loadavg)"
  echo "memory: $(sed -n 's/^MemTotal: *//p' /proc/meminfo)"
  echo "system: $(uname -srm)"
  echo "jdk: $("$java" -version 2>&1 | tr '\n' ' ')"
  if command -v nvidia-smi >/dev/null; then
    echo "gpu: $(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader)"
  fi
} | tee "$out/$set_name.txt"
"${command[@]}" 2>&1 | tee "$out/$set_name.log"
grep -A 1000 '^Benchmark ' "$out/$set_name.log" >>"$out/$set_name.txt" || {
  echo "run.sh: nothing was measured; see $out/$set_name.log" >&2
  exit 1
}
echo "kept in $out"
