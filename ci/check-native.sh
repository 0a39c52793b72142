#!/bin/sh
# Checks what a built library needs from the system and what it shows: ci/check-native.sh LIBRARY...
#
# Register spills are no check here: ptxas treats them as errors in every build (native/CMakeLists).
set -eu

# The oldest glibc on which the library loads. Debian 12's g++ binds threads and dl functions to
# their 2.34 versions, so this is the floor there: RHEL 9, Ubuntu 22.04, Debian 12 and newer.
glibc_ceiling=2.34

allowed_libraries='libc.so.6 libm.so.6 libpthread.so.0 libdl.so.2 librt.so.1 ld-linux-x86-64.so.2'
status=0

complain() {
  echo "$library: $1" >&2
  status=1
}

[ $# -gt 0 ] || { echo "usage: ci/check-native.sh LIBRARY..." >&2; exit 2; }

for library in "$@"; do
  [ -f "$library" ] || { complain "there is no such file"; continue; }
  glue=no
  allowed=$allowed_libraries
  case $library in
    *libjnitacet.so) glue=yes; allowed="$allowed libtacet.so" ;;
  esac

  for needed in $(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    case " $allowed " in
      *" $needed "*) ;;
      *) complain "needs $needed, which is not on every system" ;;
    esac
  done

  for path in $(readelf -d "$library" | sed -n 's/.*(R.*PATH).*\[\(.*\)\]/\1/p' | tr ':' ' '); do
    case $path in
      '$ORIGIN' | '$ORIGIN/') ;;
      *) complain "has the search path $path; only \$ORIGIN works elsewhere" ;;
    esac
  done

  undefined=$(objdump -T "$library" | grep '\*UND\*' || true)
  newest=$(echo "$undefined" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -1)
  if [ "$(printf '%s\n%s\n' "$newest" "$glibc_ceiling" | sort -V | tail -1)" != "$glibc_ceiling" ]
  then
    complain "needs glibc $newest, above the ceiling $glibc_ceiling:"
    echo "$undefined" | grep "GLIBC_$newest" >&2
  fi
  if echo "$undefined" | grep -q 'GLIBCXX\|CXXABI'; then
    complain "needs libstdc++.so; link it with -static-libstdc++"
  fi

  exported=$(nm -D --defined-only "$library" | awk '{ print $3 }')
  if [ "$glue" = yes ]; then
    foreign=$(echo "$exported" | grep -v '^Java_\|^JNI_On\|^JavaCPP_' || true)
  else
    foreign=$(echo "$exported" | grep -v '^tacet_' || true)
    headers=$(dirname "$0")/../native/include
    for name in $(sed -n 's/^TACET_API .*[ *]\(tacet_[a-z0-9_]*\)(.*/\1/p' "$headers"/*.h); do
      echo "$exported" | grep -qx "$name" || complain "lacks $name, which the headers declare"
    done
  fi
  [ -z "$foreign" ] || complain "exports more than it should: $(echo "$foreign" | head -5 | tr '\n' ' ')"
  [ "$status" -ne 0 ] || echo "$library: needs glibc $newest, exports $(echo "$exported" | wc -l) functions"
done
exit $status
