#!/usr/bin/env bash
# Packs all that a Linux x86-64 host with an NVIDIA driver and nothing else needs to run the GPU
# suite: a Java runtime, jars, native libraries, tests, benchmarks with their peers' scripts, run.sh.
#   bundle.sh [--architecture N] [MAVEN ARGUMENTS]
# Makes target/gpu/tacet-gpu and tacet-gpu.tar.xz beside it, with code for every supported GPU; with
# an architecture, such as 90, code for that alone and tacet-gpu-smN.tar.xz, which is smaller and is
# built in a quarter of the time.
#   BUNDLE_JDK    JDK whose runtime goes in; default JAVA_HOME, else that of javac on the PATH
#   BUNDLE_CMAKE  options of the native build in place of those above
# To unpack: tar -xJf FILE; on hosts without xz or tar, python3 -m tarfile -e FILE.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
out=target/gpu
bundle=$out/tacet-gpu
largest_mb=56
archive=tacet-gpu
architecture=
if [ "${1:-}" = --architecture ]; then
  case ${2:-} in
    [0-9][0-9] | [0-9][0-9][0-9]) architecture=$2 ;;
    *)
      echo "bundle.sh: --architecture: expected two or three digits, such as 90, got '${2:-}'" >&2
      exit 2
      ;;
  esac
  archive=tacet-gpu-sm$architecture
  shift 2
fi

# java.desktop draws the pictures, jdk.unsupported is for JavaCPP, jdk.management and jdk.zipfs
# are for the tests.
modules=java.base,java.desktop,java.logging,java.management,java.xml,jdk.management,jdk.unsupported,jdk.zipfs
# Libraries that every glibc system has: they stay the host's.
system='linux-vdso|ld-linux-x86-64|libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+'

jdk=${BUNDLE_JDK:-${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}}
if [ ! -x "$jdk/bin/jlink" ]; then
  echo "bundle.sh: no jlink in $jdk; set BUNDLE_JDK to a JDK (on Debian: apt-get install openjdk-17-jdk-headless)" >&2
  exit 1
fi

if ! command -v xz >/dev/null; then
  echo "bundle.sh: no xz to compress with (on Debian: apt-get install xz-utils)" >&2
  exit 1
fi

cmake_options=${BUNDLE_CMAKE:-}
if [ -z "$cmake_options" ] && command -v nvcc >/dev/null; then
  cmake_options=${architecture:+-DTACET_ARCHITECTURES=$architecture-real}
  cmake_options=${cmake_options:--DTACET_FATBIN=ON}
elif ! command -v nvcc >/dev/null; then
  echo "bundle.sh: no nvcc, so libtacet.so is without GPU code" >&2
fi

junit=$(sed -n 's:.*<junit.version>5\.\(.*\)</junit.version>.*:1.\1:p' pom.xml)
mvn -q -DskipTests "-Dtacet.cmake=$cmake_options" "-Dnative.build=$root/$out/native${architecture:+-sm$architecture}" "$@" -pl java/tacet-cli,bench -am package \
  org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath \
  -Dmdep.includeScope=test -Dmdep.outputFile=target/test-class-path.txt
mvn -q -N org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy \
  "-Dartifact=org.junit.platform:junit-platform-console-standalone:$junit" \
  "-DoutputDirectory=$root/$out/console" -Dmdep.stripVersion=true

rm -rf "$bundle"
mkdir -p "$bundle/lib" "$bundle/modules" "$bundle/test-lib" "$bundle/tests" "$bundle/bench"
cp "$out/console/junit-platform-console-standalone.jar" "$bundle/test-lib/"
cp ci/gpu/run.sh LICENSE "$bundle/"

# What a program needs, and what tests need beyond it.
for module in core cuda models cli; do
  "$jdk/bin/jar" --create --file "$bundle/modules/tacet-$module.jar" --no-compress \
    -C "java/tacet-$module/target/classes" .
  if [ -d "java/tacet-$module/target/test-classes" ]; then
    "$jdk/bin/jar" --create --file "$bundle/tests/tacet-$module-tests.jar" \
      -C "java/tacet-$module/target/test-classes" .
    # Each runs in a process of its own, the largest first, which probably take longest.
    (cd "java/tacet-$module/target/test-classes" && find . -name '*Test.class' -printf '%s %P\n') |
      sort -rn | sed 's/^[0-9]* //; s/\.class$//; s:/:.:g' >"$bundle/tests/tacet-$module.classes"
  fi
done
# The benchmarks, with the scripts of their peers; JMH starts processes with the same class path.
"$jdk/bin/jar" --create --file "$bundle/bench/tacet-bench.jar" --no-compress -C bench/target/classes .
tr ':' '\n' <bench/target/test-class-path.txt | while read -r jar; do
  case $(basename "$jar") in
    jmh-core-* | jopt-simple-* | commons-math3-* | slf4j-*) cp "$jar" "$bundle/bench/" ;;
  esac
done
awk 1 java/tacet-*/target/test-class-path.txt | tr ':' '\n' | sort -u | while read -r jar; do
  case $(basename "$jar") in
    tacet-* | '' | junit-* | opentest4j-* | apiguardian-*) ;;
    assertj-* | byte-buddy-* | archunit*) cp "$jar" "$bundle/test-lib/" ;;
    *) cp "$jar" "$bundle/lib/" ;;
  esac
done

if ! "$jdk/bin/jlink" --add-modules "$modules" --strip-java-debug-attributes --no-header-files \
  --no-man-pages --output "$bundle/runtime" >"$out/jlink.log" 2>&1; then
  cat "$out/jlink.log" >&2
  exit 1
fi

# Pictures are drawn without a screen, and nothing is played.
rm -f "$bundle"/runtime/lib/lib{awt_xawt,jawt,splashscreen,jsound}.so

# A distribution's JDK takes libraries such as freetype from the system; they go along, with a
# font, for hosts that lack them.
mkdir -p "$bundle/system/fonts"
fontconfig=$(ldconfig -p | sed -n 's/.*libfontconfig\.so\.1 .*=> //p' | head -n 1)
find "$bundle/runtime" -name '*.so' -print0 | xargs -0 ldd 2>/dev/null |
  cat - <([ -z "$fontconfig" ] || { ldd "$fontconfig"; echo "x => $fontconfig (0)"; }) |
  sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | sort -u | grep -v "^$root" |
  grep -Ev "/($system)\.so" | while read -r library; do
    cp -L "$library" "$bundle/system/"
  done
font=$(find /usr/share/fonts -name 'DejaVuSans.ttf' 2>/dev/null | head -n 1)
[ -z "$font" ] || cp "$font" "$bundle/system/fonts/"

{
  commit=$(ci/commit.sh)
  echo "commit: ${commit:-unknown}"
  echo "built: $(date -u +%Y-%m-%dT%H:%M:%SZ)"
  echo "jdk: $("$bundle/runtime/bin/java" -version 2>&1 | tr '\n' ' ')"
  echo "nvcc: $(nvcc --version 2>/dev/null | tail -n 1 || echo none)"
  echo "native options: ${cmake_options:-none}"
} >"$bundle/BUILD"

tar -C "$out" -cf - tacet-gpu | xz -T0 -9 >"$out/$archive.tar.xz"
kb=$(du -k "$out/$archive.tar.xz" | cut -f 1)
echo "$out/$archive.tar.xz: $(((kb + 512) / 1024)) MB, unpacked $(du -sm "$bundle" | cut -f 1) MB"
if [ "$kb" -gt $((largest_mb * 1024)) ]; then
  echo "bundle.sh: larger than $largest_mb MB; with --architecture N it has code for one GPU only" >&2
  exit 1
fi
