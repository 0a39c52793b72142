#!/usr/bin/env bash
# Runs the GPU suite from the bundle that bundle.sh made; needs an NVIDIA driver, bash, coreutils, grep
# and sed.
#   run.sh first        doctor tests kernels rnn ceilings: 330 s with unpacking
#   run.sh second       profile peers train sanitizer: 240 s
#   run.sh [STAGE...]   these, and bench, one after the other; without any all of them in 9 minutes
# Settings, in the environment:
#   BACKEND     cuda (default); host or java try the suite on a machine without a GPU
#   RESULTS     where logs and results go; default ./results. What is there is added to
#   KEEP        gets results.tar.gz, all of RESULTS, and results.txt, the table, after every stage;
#               a folder outside RESULTS, by default the one that RESULTS lies in
#   TACET_DATA  folder of data sets: with mnist/ in it a few hundred digits are trained as well
#   EPOCHS      of yin-yang; default 10
#   TESTS       modules whose tests run: core cuda models cli; default cuda, the conformance tests
#   CLASSES     only test classes with this regular expression in their name
#   PARALLEL    test classes at a time; default the number of processors, at most 4
#   BENCHMARKS  of the stage bench, by Class.method; default is what fits its time
#   TACET_PYTHON  Python 3 with torch, Triton or CuPy for rnn and peers; default python3
#   BUDGET      seconds for all stages together; LIMIT_DOCTOR, LIMIT_TESTS ... for one of them;
#               LIMIT_CLASS for one class of tests
#   FAULT       to try the suite itself (try.sh): NAME:kill:LINES or NAME:hang:LINES, several
#               separated by blanks. Sends SIGSEGV or SIGSTOP to the process of that stage or test
#               class, as a wild pointer or a kernel without end would stop it, once it has printed
#               so many lines
# What a stage measured before its time is over is kept. Exit status 0 if nothing failed; a stage
# whose tool is missing is skipped and says so.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
backend=${BACKEND:-cuda}
results=${RESULTS:-results}
epochs=${EPOCHS:-10}
mkdir -p "$results"
results=$(cd "$results" && pwd)
keep=${KEEP:-$(dirname "$results")}
mkdir -p "$keep"
keep=$(cd "$keep" && pwd)
work=$(mktemp -d)
ulimit -c 0

case $backend in
  cuda | host | java) ;;
  *)
    echo "run.sh: BACKEND: expected cuda, host or java, got '$backend'" >&2
    exit 2
    ;;
esac
case $keep/ in
  "$results"/*)
    echo "run.sh: KEEP: expected a folder outside of RESULTS, $results, got $keep" >&2
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
  -Djava.awt.headless=true "-XX:ErrorFile=$results/crash-%p.log")
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
command=$(for name in BACKEND BENCHMARKS BUDGET LIMIT_CEILINGS LIMIT_KERNELS LIMIT_RNN LIMIT_PEERS TACET_PYTHON; do
  [ -z "${!name:-}" ] || printf '%s=%q ' "$name" "${!name}"
done)
command="$command./run.sh${*:+ $*}"
bench=("${java[@]}" "-Dtacet.bench.command=$command" -cp "$here/bench/*:$here/modules/*:$here/lib/*")

table=()
failed=0
# row NAME RESULT SECONDS NOTE
row() {
  table+=("$(printf '%-28s %-9s %7s  %s' "$1" "$2" "$3" "$4")")
  printf '%s\n' "${table[@]: -1}"
  printf '{"stage":"%s","result":"%s","seconds":%s,"note":"%s"}\n' \
    "$1" "$2" "$3" "$(printf '%s' "$4" | tr -d '\\' | tr '"\n' "' ")" >>"$results/stages.jsonl"
  case $2 in ok | skipped | partial) ;; *) failed=1 ;; esac
}

print_table() {
  printf '%-28s %-9s %7s  %s\n' stage result seconds note
  printf '%s\n' "${table[@]}"
}

# All of the results in one file, by what this host has: tar and gzip, Python, or our own Java. The
# file of the stage before stays until the new one is whole.
archive() {
  local whole="$work/results.tar.gz" parent name
  parent=$(dirname "$results")
  name=$(basename "$results")
  print_table >"$results/results.txt"
  bring "$results/results.txt"
  rm -f "$whole"
  if ! pack_by_tar "$parent" "$name" "$whole" && ! pack_by_python "$parent" "$name" "$whole" &&
    ! "${bench[@]}" io.tacet.bench.Archive "$results" "$whole"; then
    echo "run.sh: results could not be packed; they are in $results" >&2
    failed=1
    return
  fi
  bring "$whole"
}

# bring FILE: into KEEP, where the file of that name is the old or the new one and never a part.
bring() {
  local name
  name=$(basename "$1")
  if ! cp "$1" "$keep/.$name" || ! mv -f "$keep/.$name" "$keep/$name"; then
    echo "run.sh: $name could not be brought to KEEP, $keep; it is in $results" >&2
    failed=1
  fi
}

pack_by_tar() {
  command -v tar >/dev/null && command -v gzip >/dev/null &&
    tar -C "$1" -cf - "$2" 2>/dev/null | gzip >"$3" 2>/dev/null
}

pack_by_python() {
  (cd "$1" && "$work/python" -m tarfile -c "$3" "$2") >/dev/null 2>&1
}

# The processes whose numbers come in get a signal.
send() {
  local pid
  while read -r pid; do
    kill "-$1" "$pid" 2>/dev/null || true
  done
}

# Results are collected even if this script is terminated.
cut_short() {
  trap - TERM INT HUP
  local signal
  for signal in TERM KILL; do
    { cat "$work"/*.pid 2>/dev/null || true; } | send "$signal"
    sleep 1
  done
  wait || true
  row "${stage_name:-suite}" cut "$SECONDS" "ended from outside"
  archive
  exit 143
}
trap cut_short TERM INT HUP
trap 'rm -rf "$work"' EXIT

# limit SECONDS: what the commands that follow may take together, within the budget of the suite.
limit() {
  deadline=$((SECONDS + $1))
  [ "$deadline" -le "$end" ] || deadline=$end
}

# Whether there is time to begin something.
time_left() {
  [ $((deadline - SECONDS)) -ge 3 ]
}

# fault NAME PIDFILE LOG: see FAULT; each happens once.
fault() {
  local each how lines
  for each in ${FAULT:-}; do
    lines=${each##*:}
    how=${each%:*}
    if [ "${how%:*}" = "$1" ] && mkdir "$work/fault-$1" 2>/dev/null; then
      (
        while [ "$(wc -l <"$3")" -lt "$lines" ] || [ ! -s "$2" ]; do
          sleep 0.1
        done
        case $how in
          *:kill) kill -SEGV "$(cat "$2")" ;;
          *:hang) kill -STOP "$(cat "$2")" ;;
        esac
      ) >/dev/null 2>&1 &
      fault_pid=$!
    fi
  done
}

# limited NAME SECONDS LOG COMMAND...: its exit status; result is ok, failed, timeout or crashed.
limited() {
  local name=$1 most=$2 log=$3 status=0 began=$SECONDS pidfile="$work/$1.pid"
  shift 3
  # shellcheck disable=SC2016
  timeout -k 5 "$most" bash -c 'echo $$ >"$0"; exec "$@"' "$pidfile" "$@" >>"$log" 2>&1 &
  local pid=$!
  fault_pid=
  fault "$name" "$pidfile" "$log"
  wait "$pid" 2>/dev/null || status=$?
  [ -z "$fault_pid" ] || kill "$fault_pid" 2>/dev/null || true
  rm -f "$pidfile"
  seconds=$((SECONDS - began))
  # 137 is also what a process has that was killed for its memory.
  if [ "$status" -eq 0 ]; then
    result=ok
  elif [ "$status" -eq 124 ] || { [ "$status" -eq 137 ] && [ "$seconds" -ge "$most" ]; }; then
    result=timeout
  elif [ "$status" -ge 128 ]; then
    result=crashed
    echo "exit status $status" >>"$log"
  else
    result=failed
  fi
  return "$status"
}

# stage NAME COMMAND...: runs in what is left of the limit, all output in NAME.log; sets result and
# seconds, and shows the end of what did not end well.
stage() {
  local name=$1 status=0
  shift
  [ -n "${again:-}" ] || : >"$results/$name.log"
  echo "-- $name (at most $((deadline - SECONDS)) s)"
  limited "$name" $((deadline - SECONDS)) "$results/$name.log" "$@" || status=$?
  [ "$result" = ok ] || tail -n 15 "$results/$name.log"
  return "$status"
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

# test_class NAME MODULE CLASS SECONDS [PREFIX COMMAND...]: the tests of a class in a process of its
# own, with a temporary folder of its own, as libraries are unpacked there under fixed names.
test_class() {
  local name=$1 module=$2 class=$3 most=$4 short=${3##*.}
  shift 4
  mkdir -p "$work/$name-$short" "$results/$name"
  : >"$results/$name/$short.log"
  limited "$name-$short" "$most" "$results/$name/$short.log" "$@" "${java[@]}" "${test_options[@]}" \
    "-Djava.io.tmpdir=$work/$name-$short" -cp "$(test_path "$module")" \
    org.junit.platform.console.ConsoleLauncher execute "--select-class=$class" \
    --disable-banner --disable-ansi-colors --details=testfeed --fail-if-no-tests \
    "--reports-dir=$results/$name/$short" || true
  rm -rf "$work/$name-$short"
  echo "$result $seconds" >"$work/$name-$short.done"
}

# What the launcher counted, in a class's log.
counts() {
  sed -n 's/^\[ *\([0-9]*\) tests \(successful\|failed\|skipped\|aborted\) *\]/\1 \2/p' "$1" |
    grep -v '^0 ' | tr '\n' ' ' || true
}

# test_classes NAME MODULE SECONDS CLASSES [PREFIX COMMAND...]: a row for each class; the next ones
# run whatever happens to one.
test_classes() {
  local name=$1 module=$2 most=$3 class short running=0 left
  local classes=$4
  shift 4
  echo "-- $name: $(echo "$classes" | wc -w) classes, $parallel at a time (at most $((deadline - SECONDS)) s, a class $most s)"
  for class in $classes; do
    if [ "$running" -ge "$parallel" ]; then
      wait -n || true
      running=$((running - 1))
    fi
    left=$((deadline - SECONDS))
    if time_left; then
      test_class "$name" "$module" "$class" $((left < most ? left : most)) "$@" &
      running=$((running + 1))
    fi
  done
  wait || true
  for class in $classes; do
    short=${class##*.}
    if [ ! -f "$work/$name-$short.done" ]; then
      row "$name $short" "not run" 0 "its time was over"
      continue
    fi
    read -r result seconds <"$work/$name-$short.done"
    judge "$name" "$results/$name/$short.log"
    row "$name $short" "$result" "$seconds" "$(counts "$results/$name/$short.log")"
    [ "$result" = ok ] || [ "$result" = partial ] || tail -n 15 "$results/$name/$short.log"
  done
}

# A sanitizer that was not done but has found nothing has seen a part.
judge() {
  case $1 in
    memcheck | racecheck)
      if grep -Eq '^=+ +(Invalid|Misaligned|Stack overflow|((Error|Warning): )?(Race|Potential))' "$2"; then
        result=failed
      elif [ "$result" = timeout ]; then
        result=partial
      fi
      ;;
  esac
}

# classes MODULE: those of the module's list that CLASSES names, the largest first.
classes() {
  grep -E "${CLASSES:-.}" "$here/tests/tacet-$1.classes" || true
}

run_doctor() {
  limit "${LIMIT_DOCTOR:-60}"
  stage doctor "${tacet[@]}" doctor || true
  grep -Eq "^ok +Backend $backend +available" "$results/doctor.log" || [ "$result" != ok ] || result=failed
  local subject="Backend $backend"
  [ "$backend" != cuda ] || subject=GPU
  cat "$results/doctor.log"
  row doctor "$result" "$seconds" "$(sed -n "s/^[a-z]* *\($subject .*\)/\1/p" "$results/doctor.log" |
    tr -s ' ' | head -n 1)"
  if command -v nvidia-smi >/dev/null; then
    timeout 30 nvidia-smi -q >"$results/nvidia-smi.txt" 2>&1 || true
  fi
}

# On a GPU host execution is left out: it has been tested where the bundle was made.
run_tests() {
  local module most=25
  test_options=()
  if [ "$backend" = cuda ]; then
    test_options=(-Dtacet.test.backends=cuda)
    limit "${LIMIT_TESTS:-110}"
  else
    most=200
    limit "${LIMIT_TESTS:-400}"
  fi
  for module in ${TESTS:-cuda}; do
    test_classes "tests${TESTS:+-$module}" "$module" "${LIMIT_CLASS:-$most}" "$(classes "$module")"
  done
}

# A tool of the CUDA toolkit, on the PATH or where it is usually installed: its path.
cuda_tool() {
  local found
  for found in "$(command -v "$1" || true)" /usr/local/cuda*/bin/"$1" /opt/nvidia/nsight-compute/*/"$1" \
    /usr/local/cuda*/compute-sanitizer/"$1"; do
    if [ -x "$found" ]; then
      echo "$found"
      return
    fi
  done
}

# One small class for each family of kernels; what is not done in the time has been watched in part.
run_sanitizer() {
  local sanitizer tool began=$SECONDS
  if [ "$backend" != cuda ]; then
    row sanitizer skipped 0 "for the cuda backend only"
    return
  fi
  sanitizer=$(cuda_tool compute-sanitizer)
  if [ -z "$sanitizer" ]; then
    row sanitizer skipped 0 "no compute-sanitizer on the PATH or in /usr/local/cuda"
    return
  fi
  limit "${LIMIT_SANITIZER:-110}"
  # Whether it can watch this device at all.
  if ! timeout 30 "$sanitizer" "${tacet[@]}" doctor >"$results/sanitizer.log" 2>&1; then
    row sanitizer skipped $((SECONDS - began)) \
      "compute-sanitizer cannot watch this device: $(grep -m 1 -i 'error\|not supported' "$results/sanitizer.log" || true)"
    return
  fi
  local small whole=$((deadline - SECONDS)) last=$deadline
  small=$(grep -E '\.(CompactionTest|NativePropagationTest|NativeDenseTest|NativeEgruTest|NativeEgruPatternTest|NativeRnnPatternTest|NativeTieTest|NativeGridTest|NativeOptimizerTest)$' \
    "$here/tests/tacet-cuda.classes")
  test_options=(-Dtacet.test.backends=cuda)
  deadline=$((SECONDS + whole * 2 / 3))
  # Tests ask for more memory than there is: what the runtime refuses is for them to judge.
  for tool in memcheck racecheck; do
    if time_left; then
      test_classes "$tool" cuda "$whole" "$small" "$sanitizer" --error-exitcode 86 \
        --report-api-errors no --tool "$tool"
    fi
    deadline=$last
  done
}

# suite NAME LIMIT OPTIONS...: adds to the results in bench/. What ends the process or the device
# does not end the stage: it is restarted and resumes after the current shape.
suite() {
  local name=$1 status=0 measured=0 tries=0 began=$SECONDS worst=ok again=
  limit "$2"
  shift 2
  while :; do
    status=0
    stage "$name" "${bench[@]}" io.tacet.bench.Suite --quick --keep --backend "$backend" \
      --python "$work/python" --out "$results/bench" "$@" || status=$?
    # What only tells of a shape that was left out is not worse than what ended the process.
    [ "$worst" != ok ] && [ "$result" != timeout ] || worst=$result
    tries=$((tries + 1))
    again=yes
    if [ "$result" = timeout ] || [ "$tries" -ge 4 ] || ! time_left ||
      { [ "$status" -ne 3 ] && [ "$result" != crashed ]; }; then
      break
    fi
  done
  [ ! -f "$results/bench/results.json" ] ||
    measured=$(grep -c '"benchmark"' "$results/bench/results.json" || true)
  row "$name" "$worst" $((SECONDS - began)) \
    "$measured results so far$([ "$tries" -eq 1 ] || echo ", started $tries times")$(grep -h -m 1 'not measured: \|peers with; \|torch: ' "$results/$name.log" |
      sed 's/^ */; /' || true)"
  grep '^|' "$results/$name.log" || true
}

run_ceilings() {
  case $backend in
    cuda) suite ceilings "${LIMIT_CEILINGS:-45}" --only '^DeviceCeilings' ;;
    java) suite ceilings "${LIMIT_CEILINGS:-110}" --only '^CeilingBenchmark' ;;
    host) row ceilings skipped 0 "kernels on the host are there to be tested" ;;
  esac
}

# Most important first, until the time is over, in one process; the java backend by JMH.
run_kernels() {
  local most=75 spare=10
  case $backend in
    java) suite kernels "${LIMIT_KERNELS:-200}" --only "$(benchmarks)" ;;
    *)
      if [ "$backend" = host ]; then
        most=300
        spare=60
      fi
      most=${LIMIT_KERNELS:-$most}
      suite kernels "$most" --no-ceilings --only '^DeviceKernels' \
        --seconds $((most > 2 * spare ? most - spare : most / 2))
      ;;
  esac
}

benchmarks() {
  echo "${BENCHMARKS:-Propagation.*forward|Egru.*(layerForward|trainingPass)|Optimizer}"
}

# By JMH, with processes of their own: not among the stages that run by default.
run_bench() {
  suite bench "${LIMIT_BENCH:-120}" --no-ceilings --only "$(benchmarks)"
}

# What our layers are compared with most, before all other peers.
run_rnn() {
  python_peers rnn "${LIMIT_RNN:-75}" '^TorchRnn'
}

run_peers() {
  python_peers peers "${LIMIT_PEERS:-70}" '^(TorchSparse|Triton|Cupy)'
}

python_peers() {
  if [ "$backend" != cuda ]; then
    row "$1" skipped 0 "for the cuda backend only"
  else
    suite "$1" "$2" --no-ceilings --only "$3"
  fi
}

# Kernels that ncu looks at, by parts of their names.
profiled=(tiled_kernel owned_kernel fast_kernel transposed_kernel gradient_kernel product_kernel
  persistent_forward_kernel persistent_backward_kernel advance_kernel retreat_kernel simulate_kernel
  adjoint_kernel sweep_forward_kernel walk_forward_kernel rows_kernel adam_kernel)

# What bounds each kernel: its second launch of each shape, one after the other, without timing.
run_profile() {
  local ncu
  if [ "$backend" != cuda ]; then
    row profile skipped 0 "for the cuda backend only"
    return
  fi
  ncu=$(cuda_tool ncu)
  if [ -z "$ncu" ]; then
    row profile skipped 0 "no ncu on the PATH, in /usr/local/cuda or in /opt/nvidia/nsight-compute"
    return
  fi
  limit "${LIMIT_PROFILE:-60}"
  stage profile "$ncu" --clock-control none --section SpeedOfLight --section WarpStateStats \
    --kernel-name "regex:$(IFS='|' && echo "${profiled[*]}")" --filter-mode per-launch-config --launch-skip 1 --launch-count 1 \
    --target-processes all \
    "${bench[@]}" io.tacet.bench.Suite --backend "$backend" --launch-only || true
  if grep -q 'ERR_NVGPUCTRPERM' "$results/profile.log"; then
    row profile skipped "$seconds" "no permission to read the counters of this GPU"
    return
  fi
  # What it has seen before its time was over is as good.
  [ "$result" != timeout ] || ! grep -q 'Throughput' "$results/profile.log" || result=partial
  row profile "$result" "$seconds" "$(grep -c 'Section: GPU Speed' "$results/profile.log" || true) launches"
  grep -E '_kernel.*\(|(Compute \(SM\)|Memory|DRAM) Throughput|Warp Cycles Per Issued' \
    "$results/profile.log" | cut -c 1-110 || true
}

# train NAME TASK BACKEND [OPTIONS]
train() {
  local name=$1 task=$2 on=$3
  shift 3
  if ! time_left; then
    row "$name" "not run" 0 "its time was over"
    return
  fi
  stage "$name" "${tacet[@]}" train "$task" --backend "$on" --json \
    --out "$results/$name" "$@" || true
  local line
  line=$(grep '^{' "$results/$name.log" | tail -n 1 || true)
  [ -z "$line" ] || echo "$line" >>"$results/trainings.jsonl"
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

# Most important first: whether it loads and sees the GPU, whether each family computes the same,
# times at sizes that matter with the engine that ran, the peers in the same minute, what a GPU can
# do at best; then what bounds the kernels, and the rest.
budget=525
case ${1:-} in
  first)
    stages=(doctor tests kernels rnn ceilings)
    budget=315
    ;;
  second)
    stages=(profile peers train sanitizer)
    budget=225
    ;;
  '') stages=(doctor tests kernels rnn ceilings profile peers train sanitizer) ;;
  *) stages=("$@") ;;
esac
[ "$backend" = cuda ] || budget=1800
for name in "${stages[@]}"; do
  case $name in
    doctor | tests | sanitizer | ceilings | kernels | bench | rnn | peers | profile | train) ;;
    *)
      echo "run.sh: no stage '$name'; there are doctor, tests, kernels, rnn, ceilings, profile, peers, train, sanitizer and bench, and the lists first and second" >&2
      exit 2
      ;;
  esac
done

parallel=${PARALLEL:-$(nproc)}
[ "$parallel" -le 4 ] || [ -n "${PARALLEL:-}" ] || parallel=4
test_options=()
end=$((SECONDS + ${BUDGET:-$budget}))
cp "$here/BUILD" "$results/BUILD"
printf '{"run":"%s","began":"%s"}\n' "$(printf '%s' "$command" | tr -d '\\' | tr '"' "'")" \
  "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >>"$results/stages.jsonl"
for stage_name in "${stages[@]}"; do
  limit 600
  if time_left; then
    "run_$stage_name"
  else
    row "$stage_name" "not run" 0 "the time of the suite was over"
  fi
  archive
done

echo
print_table
echo "logs and results: $results; all of it in one: $keep/results.tar.gz"
exit "$failed"
