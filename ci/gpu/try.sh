#!/usr/bin/env bash
# Tries the GPU suite on this machine's processor, in hosts made of little: does what it must where
# a kernel crashes, a test kills its process, a process hangs, or somebody ends the script, and does
# the evidence come home. Takes the bundle in target/gpu/tacet-gpu (bundle.sh first) and a few
# minutes; needs root for the first part, which runs where there is nothing but bash, coreutils, grep
# and sed. Exit status 0 if all is as it should be.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bundle=$PWD/target/gpu/tacet-gpu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0

if [ ! -x "$bundle/runtime/bin/java" ]; then
  echo "try.sh: no bundle in $bundle; run ci/gpu/bundle.sh" >&2
  exit 2
fi
if ! unshare -m true 2>/dev/null; then
  echo "try.sh: needs the rights to make a root of its own (root, or a container with SYS_ADMIN)" >&2
  exit 2
fi
cp ci/gpu/run.sh "$bundle/run.sh"

# is WHAT COMMAND...: says whether it holds.
is() {
  local what=$1
  shift
  if "$@" >/dev/null 2>&1; then
    echo "  ok: $what"
  else
    echo "  WRONG: $what"
    wrong=1
  fi
}

# rows FOLDER PATTERN: whether the table that came home has such a row.
rows() {
  grep -Eq "$2" "$1/results.txt"
}

# Unpacks what came home, as whoever gets it would.
unpack() {
  mkdir "$1/home"
  tar -C "$1/home" -xzf "$1/results.tar.gz"
}

# Libraries that every glibc system has; the bundle brings the others that Java needs.
system='ld-linux-x86-64|libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+'

# A root with the programs named, their libraries, and those of every system.
make_root() {
  local root=$1 program
  shift
  mkdir -p "$root"/{proc,dev,tmp,bundle,keep,usr/bin,etc}
  ln -s usr/bin "$root/bin"
  for program in "$@"; do
    cp -L "$(type -P "$program")" "$root/usr/bin/"
  done
  {
    ldd "$root"/usr/bin/*
    ldconfig -p | grep -E "/($system)\.so" | grep x86-64
    echo /lib64/ld-linux-x86-64.so.2
  } 2>/dev/null | grep -o '/[^ )]*\.so[^ )]*' | grep -v "^$root" | sort -u |
    while read -r library; do
      mkdir -p "$root$(dirname "$library")"
      cp -L "$library" "$root$library"
    done
}

in_root() {
  unshare -m bash -c '
    set -e
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    mount --bind "$2" "$1/bundle"
    root=$1
    shift 2
    exec chroot "$root" /usr/bin/env -i PATH=/usr/bin "$@"' _ "$@"
}

coreutils='basename cat chmod cp cut date dirname echo env head id ln ls mkdir mktemp mv nproc printf rm sleep sort tail timeout tr uname wc'

echo "== the host backend where there is bash, coreutils, grep and sed: a kernel that crashes, a test that kills its process, one that hangs"
home=$work/root/keep
# shellcheck disable=SC2086
make_root "$work/root" bash grep sed $coreutils
status=0
in_root "$work/root" "$bundle" BACKEND=host RESULTS=/tmp/results KEEP=/keep LIMIT_CLASS=90 \
  OUT=/nowhere CLASSES='CompactionTest|NativeBackendTest|DeviceRuntimeTest|NativeOptimizerTest' \
  FAULT='kernels:kill:4 tests-CompactionTest:kill:1 tests-DeviceRuntimeTest:hang:1' LIMIT_KERNELS=150 \
  bash /bundle/run.sh doctor tests kernels profile doctor >"$work/log" 2>&1 || status=$?
cat "$home/results.txt" 2>/dev/null || tail -n 20 "$work/log"
is "an archive came home" unpack "$home"
is "the status says that something failed" [ "$status" -eq 1 ]
is "the device is found" rows "$home" '^doctor +ok'
is "the test that kills its process is a crash" rows "$home" '^tests CompactionTest +crashed'
is "the test that hangs is a timeout" rows "$home" '^tests DeviceRuntimeTest +timeout'
is "the others ran" rows "$home" '^tests NativeBackendTest +ok.*[1-9][0-9]* successful'
is "and ran" rows "$home" '^tests NativeOptimizerTest +ok.*[1-9][0-9]* successful'
is "the kernel that crashes is told" rows "$home" '^kernels +crashed.*started 2 times'
is "kernels before and behind it are measured" grep -q 'DeviceKernels.egruForward' "$home/home/results/bench/results.json"
is "what it crashed in is not tried again" grep -q 'it is not tried again' "$home/home/results/kernels.log"
is "the profile says why it is skipped" rows "$home" '^profile +skipped.*cuda backend only'
is "the stage behind them runs" [ "$(grep -c '^doctor  *ok' "$home/results.txt")" -eq 2 ]
is "the crash has left its log" bash -c "ls $home/home/results/crash-*.log"
is "a report was written" grep -q '## DeviceKernels' "$home/home/results/bench/report.md"
is "no more than two files come home" [ "$(find "$home" -maxdepth 1 -type f | wc -l)" -eq 2 ]
is "OUT of the environment has no effect" [ ! -e "$work/root/nowhere" ]

# links FOLDER PROGRAM...: a PATH that has these only.
links() {
  local folder=$1 program
  shift
  mkdir -p "$folder"
  for program in "$@"; do
    ln -s "$(type -P "$program")" "$folder/"
  done
}

echo "== the java backend where there is tar and gzip as well"
# shellcheck disable=SC2086
links "$work/tar" bash grep sed tar gzip $coreutils
mkdir "$work/second"
status=0
env -i PATH="$work/tar" BACKEND=java RESULTS="$work/java" KEEP="$work/second" EPOCHS=1 \
  LIMIT_KERNELS=60 LIMIT_TRAIN=200 \
  BENCHMARKS=Optimizer bash "$bundle/run.sh" doctor kernels train sanitizer >"$work/log" 2>&1 || status=$?
cat "$work/second/results.txt" 2>/dev/null || tail -n 20 "$work/log"
is "an archive came home" unpack "$work/second"
is "the backend is found" rows "$work/second" '^doctor +ok'
is "something was measured in the time" rows "$work/second" '^kernels +(ok|timeout) .*[1-9][0-9]* results'
is "a training follows" rows "$work/second" '^yin-yang-java +ok'
is "the sanitizer says why it is skipped" rows "$work/second" '^sanitizer +skipped'
is "the log of the benchmarks came home whole" grep -q 'Run progress\|# Benchmark' "$work/second/home/java/bench/jmh.log"

echo "== ended from outside, where there is Python as well"
# shellcheck disable=SC2086
links "$work/python" bash grep sed $coreutils
python=$(python3 -c 'import sys; print(sys.executable)')
mkdir "$work/third"
env -i PATH="$work/python" BACKEND=host RESULTS="$work/cut" KEEP="$work/third" TACET_PYTHON="$python" \
  bash "$bundle/run.sh" kernels >"$work/log" 2>&1 &
pid=$!
for _ in $(seq 600); do
  if [ "$(grep -c '"benchmark"' "$work/cut/bench/results.json" 2>/dev/null)" -ge 2 ] 2>/dev/null; then break; fi
  sleep 0.2
done
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
cat "$work/third/results.txt" 2>/dev/null || tail -n 20 "$work/log"
is "an archive came home" unpack "$work/third"
is "the status is that of the signal" [ "$status" -eq 143 ]
is "the stage that was cut is told" rows "$work/third" '^kernels +cut'
is "what was measured before came home" [ "$(grep -c '"benchmark"' "$work/third/home/cut/bench/results.json")" -ge 2 ]
# The pattern does not find itself.
is "nothing of it goes on" bash -c "! cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -q '$work/cu[t]'"

echo "== what a profiler is told to watch"
names=$(sed -n '/^profiled=(/,/)$/p' ci/gpu/run.sh | grep -o '[a-z_]*_kernel')
is "there are names" [ "$(echo "$names" | wc -l)" -gt 8 ]
for name in $names; do
  is "$name is a kernel" grep -rqE "\b$name\(" cuda --include=*.cu --include=*.cuh
done

[ "$wrong" -eq 0 ] && echo "all as it should be"
exit "$wrong"
