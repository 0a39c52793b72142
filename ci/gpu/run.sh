#!/usr/bin/env bash
# Runs the GPU suite from the bundle that bundle.sh made; needs an NVIDIA driver, bash and coreutils.
#   run.sh [STAGE...]   doctor tests sanitizer ceilings kernels peers train; all of them by default
#   BACKEND     cuda (default); host or java try the suite on a machine without a GPU
#   OUT         where logs and results go; default ./results
#   TACET_DATA  folder of data sets: with mnist/ in it a few hundred digits are trained as well
#   EPOCHS      of yin-yang; default 10
#   TESTS       modules whose tests run: core cuda models cli; default cuda, the conformance tests
#   BENCHMARKS  of the stage kernels, by Class.method; default is what fits its time
#   TACET_PYTHON  Python 3 with torch, Triton or CuPy for the stage peers; default python3
#   LIMIT_DOCTOR, LIMIT_TESTS, LIMIT_SANITIZER, LIMIT_CEILINGS, LIMIT_KERNELS, LIMIT_PEERS,
#   LIMIT_TRAIN   seconds for a stage; 9 minutes together by default
# What a stage measured before its time is over is kept. ceilings, kernels and peers add to one
# report, bench/report.md. Exit status 0 if nothing failed; a stage whose tool is missing is skipped
# and says so.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
backend=${BACKEND:-cuda}
out=${OUT:-results}
epochs=${EPOCHS:-10}
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case $backend in
  cuda | host | java) ;;
  *)
    echo "run.sh: BACKEND: expected cuda, host or java, got '$backend'" >&2
    exit 2
    ;;
esac

# Python gets its own libraries back, which are the host's.
if [ -n "${LD_LIBRARY_PATH+set}" ]; then
  restored=$(printf 'LD_LIBRARY_PATH=%q' "$LD_LIBRARY_PATH")
else
  restored='-u LD_LIBRARY_PATH'
fi
printf '#!/usr/bin/env bash\nexec env %s %q "$@"\n' "$restored" "${TACET_PYTHON:-python3}" \
  >"$work/python"
chmod +x "$work/python"

# Nothing of the host's Java, and fonts of our own where it has none.
export XDG_CACHE_HOME="$work/cache" HOME="${HOME:-$work}"
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/system"
if [ ! -e /etc/fonts/fonts.conf ]; then
  export FONTCONFIG_FILE="$work/fonts.conf"
  printf '<?xml version="1.0"?>\n<fontconfig><dir>%s</dir><cachedir>%s</cachedir></fontconfig>\n' \
    "$here/system/fonts" "$work/cache" >"$FONTCONFIG_FILE"
fi
java=("$here/runtime/bin/java" -Xmx3g -XX:+UseParallelGC -Dfile.encoding=UTF-8
  -Djava.awt.headless=true)
# As the tacet command has it: rows of weights lie in random places.
if grep -qs '\[madvise\]' /sys/kernel/mm/transparent_hugepage/enabled; then
  java+=(-XX:+UseTransparentHugePages)
fi
if ! "${java[@]}" --version 2>/dev/null | grep -q ' 1[78]\.'; then
  java+=(--enable-native-access=ALL-UNNAMED)
fi
[ "$backend" != cuda ] || java+=(-Dtacet.require=cuda)
tacet=("${java[@]}" -cp "$here/modules/*:$here/lib/*" io.tacet.cli.Main)
# Reports show how this script was called. Benchmarks start Java again, with the options and the
# class path of their own process.
command=$(for name in BACKEND BENCHMARKS LIMIT_CEILINGS LIMIT_KERNELS LIMIT_PEERS TACET_PYTHON; do
  [ -z "${!name:-}" ] || printf '%s=%q ' "$name" "${!name}"
done)
command="$command./run.sh${*:+ $*}"
bench=("${java[@]}" "-Dtacet.bench.command=$command" -cp "$here/bench/*:$here/modules/*:$here/lib/*" io.tacet.bench.Suite)

table=()
failed=0
# row NAME RESULT SECONDS NOTE
row() {
  table+=("$(printf '%-20s %-9s %7s  %s' "$1" "$2" "$3" "$4")")
  printf '{"stage":"%s","result":"%s","seconds":%s,"note":"%s"}\n' \
    "$1" "$2" "$3" "$(printf '%s' "$4" | tr -d '\\' | tr '"' "'")" >>"$out/stages.jsonl"
}

# limit SECONDS: what the commands that follow may take together.
limit() {
  deadline=$((SECONDS + $1))
}

# stage NAME COMMAND...: runs in what is left of the limit, all output in NAME.log; sets result and
# seconds.
stage() {
  local name=$1 left=$((deadline - SECONDS)) status=0 began=$SECONDS
  shift
  [ "$left" -gt 0 ] || left=1
  echo "-- $name (at most $left s)"
  timeout -k 15 "$left" "$@" >"$out/$name.log" 2>&1 || status=$?
  seconds=$((SECONDS - began))
  case $status in
    0) result=ok ;;
    124 | 137) result=timeout ;;
    *) result=failed ;;
  esac
  if [ "$result" != ok ]; then
    failed=1
    tail -n 15 "$out/$name.log"
  fi
}

# The class path of a module's tests: what the module is built with and no more, as in the build.
test_path() {
  local needed module path=
  case $1 in
    core) needed=core ;;
    cuda) needed='core cuda' ;;
    models) needed='core models' ;;
    *) needed='core cuda models cli' ;;
  esac
  for module in $needed; do
    path="$path$here/modules/tacet-$module.jar:"
  done
  path="$path$here/tests/tacet-$1-tests.jar:"
  [ "$1" != cuda ] || path="$path$here/tests/tacet-core-tests.jar:"
  echo "$path$here/lib/*:$here/test-lib/*"
}

# Runs the tests of a module: launcher NAME MODULE [PREFIX COMMAND...]
launcher() {
  local name=$1 module=$2
  shift 2
  stage "$name" "$@" "${java[@]}" -cp "$(test_path "$module")" \
    org.junit.platform.console.ConsoleLauncher execute \
    "--scan-class-path=$here/tests/tacet-$module-tests.jar" \
    --disable-banner --disable-ansi-colors --details=testfeed --fail-if-no-tests \
    "--reports-dir=$out/$name"
  row "$name" "$result" "$seconds" "$(sed -n \
    's/^\[ *\([0-9]*\) tests \(successful\|failed\|skipped\|aborted\) *\]/\1 \2/p' "$out/$name.log" |
    grep -v '^0 ' | tr '\n' ' ')"
}

run_doctor() {
  limit "${LIMIT_DOCTOR:-20}"
  stage doctor "${tacet[@]}" doctor
  grep -Eq "^ok +Backend $backend +available" "$out/doctor.log" || result=failed
  [ "$result" = ok ] || failed=1
  local subject="Backend $backend"
  [ "$backend" != cuda ] || subject=GPU
  row doctor "$result" "$seconds" "$(sed -n "s/^[a-z]* *\($subject .*\)/\1/p" "$out/doctor.log" |
    tr -s ' ' | head -n 1)"
  if command -v nvidia-smi >/dev/null; then
    timeout 30 nvidia-smi -q >"$out/nvidia-smi.txt" 2>&1 || true
  fi
  cat "$out/doctor.log"
}

run_tests() {
  limit "${LIMIT_TESTS:-110}"
  for module in ${TESTS:-cuda}; do
    launcher "tests-$module" "$module"
  done
}

run_sanitizer() {
  if [ "$backend" != cuda ]; then
    row sanitizer skipped 0 "for the cuda backend only"
    return
  elif ! command -v compute-sanitizer >/dev/null; then
    row sanitizer skipped 0 "no compute-sanitizer on the PATH"
    return
  fi
  limit "${LIMIT_SANITIZER:-120}"
  # Tests ask for more memory than there is: what the runtime refuses is for them to judge.
  local began=$SECONDS sanitizer=(compute-sanitizer --error-exitcode 86 --report-api-errors no)
  # Whether it can watch this device at all.
  if ! timeout 30 "${sanitizer[@]}" "${tacet[@]}" doctor >"$out/sanitizer.log" 2>&1; then
    row sanitizer skipped $((SECONDS - began)) \
      "compute-sanitizer cannot watch this device: $(grep -m 1 -i 'error\|not supported' "$out/sanitizer.log" || true)"
    return
  fi
  # Half of the time for memcheck, a quarter for each of the others, and what one leaves for the next.
  local java=("${java[@]}" -Dtacet.test.backends=cuda) whole=$((deadline - SECONDS)) end=$deadline
  local tool share=0
  for tool in memcheck racecheck initcheck; do
    share=$((share + (share == 0 ? whole / 2 : whole / 4)))
    deadline=$((end - whole + share))
    [ "$tool" = memcheck ] || sanitizer=(compute-sanitizer --error-exitcode 86)
    launcher "$tool" cuda "${sanitizer[@]}" --tool "$tool"
  done
}

# Adds to the results in bench/: benchmarks NAME LIMIT REGEX
benchmarks() {
  local name=$1 results="$out/bench/results.json"
  limit "$2"
  stage "$name" "${bench[@]}" --quick --keep --backend "$backend" --only "$3" \
    --python "$work/python" --out "$out/bench"
  local measured=0
  [ ! -f "$results" ] || measured=$(grep -c '"benchmark"' "$results" || true)
  row "$name" "$result" "$seconds" \
    "$measured results so far$(grep -h -m 1 'not measured: \|peers with; \|torch: ' "$out/$name.log" |
      sed 's/^ */; /' || true)"
}

run_ceilings() {
  case $backend in
    cuda) benchmarks ceilings "${LIMIT_CEILINGS:-40}" '^DeviceCeilings' ;;
    java) benchmarks ceilings "${LIMIT_CEILINGS:-110}" '^CeilingBenchmark' ;;
    host) row ceilings skipped 0 "kernels on the host are there to be tested" ;;
  esac
}

# What cannot be missed first: the suite runs in its own order, and stops when the time is over.
run_kernels() {
  local most=120
  # There is no sanitizer, and rates of the processor take longer.
  [ "$backend" != java ] || most=200
  benchmarks kernels "${LIMIT_KERNELS:-$most}" \
    "${BENCHMARKS:-Propagation.*forward|Egru.*(layerForward|trainingPass)|Optimizer}"
}

run_peers() {
  if [ "$backend" != cuda ]; then
    row peers skipped 0 "for the cuda backend only"
  else
    benchmarks peers "${LIMIT_PEERS:-80}" '^(Torch|Triton|Cupy)'
  fi
}

# train NAME TASK BACKEND [OPTIONS]
train() {
  local name=$1 task=$2 on=$3
  shift 3
  stage "$name" "${tacet[@]}" train "$task" --backend "$on" --json \
    --out "$out/$name" "$@"
  local line
  line=$(grep '^{' "$out/$name.log" | tail -n 1 || true)
  [ -z "$line" ] || echo "$line" >>"$out/trainings.jsonl"
  row "$name" "$result" "$seconds" "$(printf '%s' "$line" | tr -d '{}"')"
}

# The first COUNT records of an IDX file: idx SOURCE TARGET COUNT HEADER_BYTES RECORD_BYTES
idx() {
  local reader=cat
  case $1 in *.gz) reader='gzip -dc' ;; esac
  {
    head -c 4 < <($reader "$1")
    # shellcheck disable=SC2059
    printf "$(printf '\\x%02x' $(($3 >> 24 & 255)) $(($3 >> 16 & 255)) $(($3 >> 8 & 255)) $(($3 & 255)))"
    head -c $(($4 + $3 * $5)) < <($reader "$1" 2>/dev/null) | tail -c +9
  } >"$2"
}

# Puts a few hundred digits of MNIST below the work folder; false if there are none.
mnist_subset() {
  local from="${TACET_DATA:-}/mnist" to="$work/data/mnist" part kind file
  mkdir -p "$to"
  for part in train t10k; do
    for kind in images-idx3 labels-idx1; do
      file=$from/$part-$kind-ubyte
      [ -f "$file" ] || file=$file.gz
      [ -f "$file" ] || return 1
      case $kind in
        images*) idx "$file" "$to/$part-$kind-ubyte" 512 16 784 ;;
        *) idx "$file" "$to/$part-$kind-ubyte" 512 8 1 ;;
      esac
    done
  done
}

run_train() {
  local most=50
  # Kernels on the host take minutes for what takes seconds elsewhere.
  [ "$backend" != host ] || most=280
  limit "${LIMIT_TRAIN:-$most}"
  local on=("$backend")
  [ "$backend" = java ] || on+=(java)
  for b in "${on[@]}"; do
    train "yin-yang-$b" yin-yang "$b" --epochs "$epochs"
  done
  if mnist_subset; then
    for b in "${on[@]}"; do
      train "mnist-$b" mnist "$b" --epochs 2 --data "$work/data"
    done
  else
    row mnist skipped 0 "TACET_DATA has no mnist"
  fi
}

stages=("$@")
[ ${#stages[@]} -gt 0 ] || stages=(doctor tests sanitizer ceilings kernels peers train)
rm -f "$out/stages.jsonl" "$out/trainings.jsonl"
cp "$here/BUILD" "$out/BUILD"
for name in "${stages[@]}"; do
  case $name in
    doctor | tests | sanitizer | ceilings | kernels | peers | train) "run_$name" ;;
    *)
      echo "run.sh: no stage '$name'; there are doctor, tests, sanitizer, ceilings, kernels, peers and train" >&2
      exit 2
      ;;
  esac
done

echo
printf '%-20s %-9s %7s  %s\n' stage result seconds note
printf '%s\n' "${table[@]}"
echo "logs and results: $out"
# One file to take home.
if tar -C "$(dirname "$out")" -cf - "$(basename "$out")" 2>/dev/null | gzip >"$out.tar.gz" 2>/dev/null; then
  echo "all of it in one: $out.tar.gz"
else
  rm -f "$out.tar.gz"
fi
exit "$failed"
