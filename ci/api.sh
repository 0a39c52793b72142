#!/usr/bin/env bash
# What a change does to the public API: ci/api.sh [BASE], a tag or commit; the latest tag where none is
# given. Compares the jars of the modules with those of BASE by japicmp, prints what was added, changed
# and removed, and fails where code compiled against BASE would not run. Without a tag there is nothing to
# keep yet. BASE is built once, in target/api.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=0.23.1
modules=(core cuda openblas vector models nir onnx)
folder=target/api

base=${1:-$(git describe --tags --abbrev=0 2>/dev/null || true)}
if [ -z "$base" ]; then
  echo "api: no tag yet, nothing to compare with"
  exit 0
fi
base=$(git rev-parse --verify "$base^{commit}")

jar_of() {
  ls "$1/java/tacet-$2/target/tacet-$2"-*.jar 2>/dev/null | grep -vE '(tests|sources|javadoc)\.jar$' | head -1
}

build() {
  (cd "$1" && mvn -q --batch-mode -DskipTests -Dtacet.native=off -Dspotless.check.skip=true package \
    -pl "$(printf 'java/tacet-%s,' "${modules[@]}")" -am)
}

if [ ! -f "$folder/$base.built" ]; then
  rm -rf "$folder"
  mkdir -p "$folder/base"
  git archive "$base" | tar -x -C "$folder/base"
  build "$folder/base"
  touch "$folder/$base.built"
fi
mvn -q --batch-mode dependency:copy -Dmdep.useBaseVersion=true \
  -Dartifact="com.github.siom79.japicmp:japicmp:$version:jar:jar-with-dependencies" -DoutputDirectory="$folder"
for module in "${modules[@]}"; do
  new=$(jar_of . "$module")
  if [ -z "$new" ]; then
    echo "api: java/tacet-$module is not built: mvn -q -DskipTests package" >&2
    exit 2
  fi
done

status=0
for module in "${modules[@]}"; do
  old=$(jar_of "$folder/base" "$module")
  if [ -z "$old" ]; then
    echo "tacet-$module: new"
    continue
  fi
  echo "tacet-$module"
  java -jar "$folder/japicmp-$version-jar-with-dependencies.jar" --old "$old" \
    --new "$(jar_of . "$module")" --only-modified --ignore-missing-classes -a public \
    --exclude 'io.tacet.*.internal;io.tacet.reference' --error-on-binary-incompatibility || status=1
done
exit $status
