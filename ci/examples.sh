#!/usr/bin/env bash
# Compiles the examples in Java, Kotlin and Scala against the jar of the command, which must have been
# built, and runs each, trainings for an epoch: those of rows of MNIST where TACET_DATA has it; the one of
# MNIST as spikes is compiled only; those with other libraries where ci/interop.sh has fetched these. The
# compilers of Kotlin and Scala come from Maven. Works in target/examples.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
jar=$PWD/java/tacet-cli/target/tacet.jar
examples=$PWD/examples
work=$PWD/target/examples
if [ ! -f "$jar" ]; then
  echo "examples.sh: no $jar; build it first: ci/build.sh" >&2
  exit 1
fi
rm -rf "$work"
mkdir -p "$work"/{java,kotlin,scala}
cd "$work"

mvn -q -f "$examples/compilers.xml" \
  org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath \
  "-Dmdep.outputFile=$work/compilers.txt"
compilers=$(cat compilers.txt)

# run FOLDER MAIN ARGUMENTS...: an example, which must tell its accuracy, or what $told says instead
run() {
  local folder=$1 main=$2
  shift 2
  echo "example $main ($folder)"
  java -cp "$work/$folder:${libraries:-}:$jar:$compilers" "$main" "$@" | tee "$work/$folder.log"
  grep -qi "${told:-accuracy}" "$work/$folder.log"
}

# with MODULE MAIN ARGUMENTS...: an example of the adapter of another library, in a folder of its name
with() {
  local module=$root/java/tacet-$1
  if [ ! -f "$module/target/classpath.txt" ]; then
    echo "examples: $1 left out; ci/interop.sh fetches its library"
    return
  fi
  local libraries
  libraries=$module/target/classes:$(cat "$module/target/classpath.txt")
  mkdir -p "$1"
  javac -Xlint:all,-classfile,-path,-processing,-try -Werror -d "$1" -cp "$libraries:$jar" "$examples/$1"/*.java
  run "$@"
}

for folder in "$examples"/*/; do
  case $(basename "$folder") in
    djl | nd4j | onnxruntime | pytorch | spark) ;;
    *) compgen -G "$folder*.java" || true ;;
  esac
done | xargs javac -Xlint:all -Werror -d java -cp "$jar"
run java TrainYinYang 1
run java TrainSequence java 0 1
run java TrainNeurons 1 64 20 1
run java TrainStoreRecall 1 16 4 1
told=similarity run java SeparatePatterns
run java ThroughOnnx 1
run java DecodeOdors 300 20
run java LearnTwoTasks 2
run java TrainCode 1
run java ContinueTraining 1
told='without a copy' run java ShareMemory
with djl TrainOnDjlData 2
told=activity with nd4j ShareWithNd4j
told=difference with onnxruntime RunBesideOnnxRuntime
with pytorch TrainBetweenModules 20
run java TrainSpatial egru spatial 0.02 1
for _ in {1..400}; do
  echo "so it goes, and the silent ones say nothing of it."
done >text.txt
run java TrainCharacters text.txt 1
java -cp "$compilers" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler -Werror -no-stdlib -no-reflect \
  -cp "$jar:$compilers" -d kotlin "$examples"/kotlin/*.kt
run kotlin TrainYinYangKt 1
java -cp "$compilers" dotty.tools.dotc.Main -Werror -classpath "$jar:$compilers" -d scala \
  "$examples"/scala/*.scala
run scala trainYinYang 1
if [ -d "${TACET_DATA:-}/mnist" ]; then
  run java TrainRows "$TACET_DATA" 1
  run kotlin TrainRowsKt "$TACET_DATA" 1
  run scala trainRows "$TACET_DATA" 1
else
  echo "examples: rows of MNIST compiled only, TACET_DATA has no mnist"
fi
