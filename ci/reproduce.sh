#!/usr/bin/env bash
# Builds the last commit twice, in folders of different names, and compares all jars entry by entry:
# ci/reproduce.sh [CMAKE OPTIONS], such as -DTACET_CUDA=off, which leaves out nvcc; "java" builds no native
# library. Without a compiler cache. What nvcc makes depends on the folder: names of kernels in unnamed
# namespaces hold eight hexadecimal digits that it derives from the path of the source. Native libraries
# that differ are therefore compared again with these digits masked and without their build id and the
# names of nvcc's temporary files, and are reported apart. Works in target/reproduce.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$PWD/target/reproduce
unset CMAKE_CXX_COMPILER_LAUNCHER CMAKE_CUDA_COMPILER_LAUNCHER
native=("-Dtacet.cmake=-DTACET_CCACHE=off ${*:-}")
if [ "${1:-}" = java ]; then
  native=(-Dtacet.native=off)
fi

folders=("$work/a" "$work/another/place")
rm -rf "$work"
for folder in "${folders[@]}"; do
  mkdir -p "$folder"
  git archive HEAD | tar -x -C "$folder"
  (cd "$folder" && mvn -q --batch-mode --no-transfer-progress -DskipTests "${native[@]}" package)
done

# masked LIBRARY: its code and data without what nvcc derives from folders and processes
masked() {
  local copy=$work/masked.so
  objcopy --strip-all --remove-section .note.gnu.build-id "$1" "$copy"
  LC_ALL=C sed -E 's/_GLOBAL__N__[0-9a-f]{8}_/_GLOBAL__N__00000000_/g' "$copy" | sha256sum
}

jars=0
entries=0
apart=0
different=0
while read -r jar; do
  jars=$((jars + 1))
  other=${folders[1]}/$jar
  here=0
  entries=$((entries + $(unzip -Z1 "${folders[0]}/$jar" | wc -l)))
  if cmp -s "${folders[0]}/$jar" "$other"; then
    continue
  fi
  while read -r entry; do
    for k in 0 1; do
      unzip -p "${folders[$k]}/$jar" "$entry" >"$work/entry$k" 2>/dev/null || : >"$work/entry$k"
    done
    if cmp -s "$work/entry0" "$work/entry1"; then
      continue
    elif [[ $entry == *.so ]] && [ "$(masked "$work/entry0")" = "$(masked "$work/entry1")" ]; then
      apart=$((apart + 1))
      here=1
      echo "$jar: $entry: equal but for names that nvcc derives from the folder"
    else
      different=$((different + 1))
      here=1
      echo "$jar: $entry: DIFFERENT"
    fi
  done < <(for folder in "${folders[@]}"; do unzip -Z1 "$folder/$jar"; done | sort -u)
  if [ "$here" -eq 0 ]; then
    different=$((different + 1))
    echo "$jar: DIFFERENT order, times or attributes of entries"
  fi
done < <(cd "${folders[0]}" && find . -path '*/target/*.jar' ! -path '*/original-*' | sort)
echo "reproduce: $jars jars with $entries entries, $different different, $apart equal but for names of nvcc"
if [ "$jars" -eq 0 ] || [ "$different" -gt 0 ]; then
  exit 1
fi
