#!/usr/bin/env bash
# Kills trainings and fills their disk. Each of a few small trainings on the java backend (spiking
# neurons, EGRU and GRU or RNN with sparse recurrent weights, which are rewired) runs once undisturbed;
# then it is killed with SIGKILL at random moments and resumed until it has finished, and model.tacet
# must be that of the undisturbed one, bit for bit, and metrics.csv have a row for each epoch. Then a
# training meets a full disk, a tmpfs of its own (this needs root and is skipped without): it must name
# the file it could not write, leave its checkpoint as it was and no temporary file, and continue once
# there is space.
# Needs the jar of the command; works in target/kill.
#   ci/kill.sh                 2 kills of each training, under a minute
#   ci/kill.sh 100 7           100 kills of each at moments drawn with the seed 7 (1)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
kills=${1:-2}
RANDOM=${2:-1}
jar=$PWD/java/tacet-cli/target/tacet.jar
work=$PWD/target/kill
disk=$work/disk
if [ ! -f "$jar" ]; then
  echo "kill.sh: no $jar; build it first: ci/build.sh" >&2
  exit 1
fi
if ! [[ $kills =~ ^[1-9][0-9]*$ ]]; then
  echo "kill.sh: expected a number of kills, got '$kills'" >&2
  exit 2
fi
mounted=
pid=
clean() {
  if [ -n "$pid" ]; then
    kill -KILL "$pid" 2>/dev/null || true
  fi
  if [ -n "$mounted" ]; then
    umount "$disk"
  fi
}
trap clean EXIT
# Of a run of this script that was killed itself.
if mountpoint -q "$disk"; then
  umount "$disk"
fi
rm -rf "$work"
mkdir -p "$disk"
cd "$work"

fail() {
  echo "kill.sh: $1" >&2
  exit 1
}

# tacet OPTIONS...: a training in this process, which the caller can kill
tacet() {
  exec java -XX:+UseParallelGC ${fast:-} -jar "$jar" train "$@" --backend java --json
}

# milliseconds
now() {
  local time=${EPOCHREALTIME/[.,]/}
  echo $((time / 1000))
}

# milliseconds at which a file was written
written() {
  local time
  time=$(stat -c %.3Y "$1")
  echo "${time/[.,]/}"
}

# Twelve spikes in 40 ms, most of them in one of three places: tables for trainings of one's own.
awk -v seed="$RANDOM" 'BEGIN {
  srand(seed)
  print "sample,time_ms,unit" > "spikes.csv"
  print "sample,label" > "labels.csv"
  for (sample = 0; sample < 192; sample++) {
    label = sample % 3
    print sample "," label > "labels.csv"
    for (k = 0; k < 12; k++) {
      unit = rand() < 0.7 ? label * 3 + int(3 * rand()) : int(9 * rand())
      printf "%d,%.3f,%d\n", sample, 40 * rand(), unit > "spikes.csv"
    }
  }
}'

# configuration NAME INPUT LAYERS MORE: NAME.json
configuration() {
  cat >"$1.json" <<END
{
  "task": "own",
  "data": {"train": {"spikes": "spikes.csv", "labels": "labels.csv"}, "holdOut": [0.2, 0.2]},
  "network": {
    "input": {"channels": 9, "duration": 50, $2},
    "layers": [$3]
  },
  "batch": 8, "rate": 0.005, $4
}
END
}

sparse='"recurrent": {"synapses": "csr", "density": 0.1}'
rigl='"recurrent": {"synapses": "csr", "density": 0.1, "rewiring": {"method": "rigl", "every": 7}}'
set='"recurrent": {"synapses": "csr", "density": 0.1, "rewiring": {"method": "set", "every": 5, "drawn": true}}'
lif='"cell": "lif", "tauMem": 20, "tauSyn": 5'
input='"input": {"weights": {"law": "normal", "mean": 1, "deviation": 0.5}}'
recurrent='"recurrent": {"synapses": "csr", "density": 0.1, "weights": {"law": "normal", "mean": 0, "deviation": 0.2}}'
configuration spiking '"kind": "spikes", "dt": 0.5' \
  "{$lif, \"neurons\": 60, $input, $recurrent},
   {\"cell\": \"voltage\", \"neurons\": 3, \"tauMem\": 20, \"tauSyn\": 5, $input, \"reduction\": \"mean\"}" \
  '"epochs": 20, "inputDropout": 0.1'
configuration egru '"kind": "bins", "steps": 25' \
  "{\"cell\": \"egru\", \"units\": 64, \"thresholdMean\": 0.1, \"zoneout\": 0.1, $rigl},
   {\"cell\": \"linear\", \"outputs\": 3}" \
  '"epochs": 12, "patience": 10, "dropForward": 0.1'
configuration gru-rnn '"kind": "bins", "steps": 25' \
  "{\"cell\": \"gru\", \"units\": 48, $sparse}, {\"cell\": \"rnn\", \"units\": 32, $set},
   {\"cell\": \"linear\", \"outputs\": 3}" \
  '"epochs": 10, "cosine": true, "dropConnect": 0.1'

# same NAME: the training killed has come to the same result
same() {
  cmp "$1/whole/model.tacet" "$1/killed/model.tacet" || fail "$1: another model than undisturbed"
  # Times differ.
  for run in whole killed; do
    awk -F, 'NR == 1 { for (k = 1; k <= NF; k++) if ($k == "seconds") skip = k }
      { $skip = ""; print }' "$1/$run/metrics.csv" >"$1/$run.metrics"
  done
  cmp "$1/whole.metrics" "$1/killed.metrics" || fail "$1: another metrics.csv than undisturbed"
  if compgen -G "$1/killed/.*.tmp" >/dev/null; then
    fail "$1: a temporary file stayed in $work/$1/killed"
  fi
}

# killed NAME: kills and resumes a training
killed() {
  local name=$1 count=0 within=0 finished=0 resume began first last wait status
  mkdir "$name"
  began=$(now)
  (tacet "$name.json" --out "$name/whole") >"$name.log" 2>&1 || fail "$name: $(cat "$name.log")"
  # From the first checkpoint to the model, without the start of the virtual machine and pictures.
  first=$(($(written "$name/whole/config.json") - began))
  last=$(($(written "$name/whole/model.tacet") - began))
  while [ "$count" -lt "$kills" ] || [ "$finished" -eq 0 ]; do
    resume=
    if [ "$finished" -eq 1 ]; then
      rm -r "$name/killed"
    elif [ -f "$name/killed/checkpoint.tacet" ]; then
      resume=--resume
      within=$((within + 1))
    fi
    # Checkpoints within epochs too, most of the time.
    (tacet "$name.json" $resume --checkpoint-minutes 0.000$((RANDOM % 3)) --out "$name/killed") \
      >"$name.log" 2>&1 &
    pid=$!
    if [ "$count" -lt "$kills" ]; then
      wait=$((first + RANDOM % (last - first + 1)))
      sleep "$((wait / 1000)).$(printf %03d $((wait % 1000)))"
      kill -KILL "$pid" 2>/dev/null || true
    fi
    status=0
    wait "$pid" 2>/dev/null || status=$?
    pid=
    case $status in
      0)
        finished=1
        same "$name"
        ;;
      137) count=$((count + 1)) finished=0 ;;
      *) fail "$name: $(cat "$name.log")" ;;
    esac
  done
  echo "$name: $count kills, $within times resumed, the same model bit for bit"
}

# sums of the files that must outlive a full disk
sums() {
  (cd "$1" && sha256sum checkpoint.tacet model.tacet)
}

full() {
  if [ "$(id -u)" -ne 0 ] || ! mount -t tmpfs -o size=4m tacet-kill "$disk" 2>mount.log; then
    echo "full disk: skipped, mounting a tmpfs needs root and the right to mount"
    return
  fi
  mounted=1
  local fast=-XX:TieredStopAtLevel=1
  local out=$disk/out train=(yin-yang --samples 96 --hidden 200) before free status
  (tacet "${train[@]}" --epochs 2 --out full-whole) >full.log 2>&1 || fail "$(cat full.log)"
  (tacet "${train[@]}" --epochs 1 --out "$out") >full.log 2>&1 || fail "$(cat full.log)"
  before=$(sums "$out")
  # Nothing fits; small files fit and the checkpoint does not; the checkpoint fits, pictures do not.
  for free in 0 24 100; do
    dd if=/dev/zero of="$disk/filler" bs=4k status=none 2>dd.log || true
    truncate -s -"${free}k" "$disk/filler"
    status=0
    (tacet yin-yang --resume --epochs 2 --out "$out") >full.log 2>&1 || status=$?
    [ "$status" -eq 1 ] || fail "full disk, $free KiB free: status $status: $(cat full.log)"
    grep -q "^tacet: .*$out/.*No space left on device" full.log ||
      fail "full disk, $free KiB free: expected the file and the reason, got $(cat full.log)"
    if [ "$free" -lt 100 ] && [ "$(sums "$out")" != "$before" ]; then
      fail "full disk, $free KiB free: a file has changed"
    fi
    if compgen -G "$out/.*.tmp" >/dev/null; then
      fail "full disk, $free KiB free: a temporary file stayed"
    fi
    rm "$disk/filler"
  done
  (tacet yin-yang --resume --epochs 2 --out "$out") >full.log 2>&1 || fail "$(cat full.log)"
  cmp full-whole/model.tacet "$out/model.tacet" || fail "full disk: another model than undisturbed"
  echo "full disk: each file that did not fit was named, and the training went on"
}

for name in spiking egru gru-rnn; do
  killed "$name"
done
full
