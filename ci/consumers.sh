#!/usr/bin/env bash
# Publishes what has been built (ci/build.sh) into a folder, and builds and runs projects that depend on
# it from an empty local repository: on the class path, on the module path, as one jar of jars that loads
# the native libraries, with the modules for NIR, ONNX and ONNX Runtime, and in Kotlin and Scala; with this
# JDK and those that JAVA_HOMES names; and one by Gradle, where there is one on the PATH (Debian has 4.4).
# Works in target/consumers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
work=$root/target/consumers
version=$(sed -n 's:^  <version>\(.*\)</version>:\1:p' pom.xml | head -1)
rm -rf "$work"
mkdir -p "$work"

# Not into the local repository of this machine, from which the projects would take them as well.
mvn -q -Dmaven.main.skip -DskipTests -Dmaven.install.skip -pl '!bench,!java/tacet-cli' \
  "-DaltDeploymentRepository=consumers::file://$work/repository" deploy
du -ch "$work"/repository/io/tacet/*/"$version"/*.jar | sed "s:$work/repository/io/tacet/::"

# What is in the local repository of this machine need not be fetched once more.
cat >"$work/settings.xml" <<XML
<settings>
  <profiles>
    <profile>
      <id>consumers</id>
      <repositories>
        <repository><id>consumers</id><url>file://$work/repository</url></repository>
        <repository><id>machine</id><url>file://$HOME/.m2/repository</url></repository>
      </repositories>
      <pluginRepositories>
        <pluginRepository><id>machine</id><url>file://$HOME/.m2/repository</url></pluginRepository>
      </pluginRepositories>
    </profile>
  </profiles>
  <activeProfiles><activeProfile>consumers</activeProfile></activeProfiles>
</settings>
XML

cp -r ci/consumers "$work/projects"
for project in modules boot gradle; do
  mkdir -p "$work/projects/$project/src/main/java"
  cp -r "$work/projects/plain/src/main/java/app" "$work/projects/$project/src/main/java/"
done
mkdir -p "$work/projects/adapters/src/main/java"
cp examples/nir/*.java examples/onnx/*.java examples/onnxruntime/*.java "$work/projects/adapters/src/main/java/"
for language in kotlin scala; do
  mkdir -p "$work/projects/$language/src/main/$language"
  cp examples/$language/TrainYinYang.* "$work/projects/$language/src/main/$language/"
done
for project in plain modules boot adapters kotlin scala; do
  mvn -q -gs "$work/settings.xml" "-Dmaven.repo.local=$work/local" \
    -f "$work/projects/$project/pom.xml" "-Dtacet.version=$version" package
done
dependencies=$work/projects/plain/target/dependency
if ls "$dependencies" | grep -E 'tacet-(cuda|openblas)|jcuda|javacpp'; then
  echo "consumers.sh: tacet-models brings optional libraries along" >&2
  exit 1
fi

homes=("${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}")
IFS=: read -ra others <<<"${JAVA_HOMES:-}"
homes+=("${others[@]}")
cd "$work"
for home in "${homes[@]}"; do
  echo "JDK $("$home/bin/java" -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p')"
  "$home/bin/java" -cp "projects/plain/target/classes:$dependencies/*" app.Main java 1600 0.5
  "$home/bin/java" -p "projects/modules/target/classes:projects/modules/target/dependency" \
    --add-modules ALL-MODULE-PATH -m app/app.Main java 1600 0.5
  "$home/bin/java" -jar projects/boot/target/boot-1.jar host 32 0.1
  for program in "ContinueTraining 1" "ThroughOnnx 1" RunBesideOnnxRuntime; do
    # shellcheck disable=SC2086 # a name and its arguments
    "$home/bin/java" -cp "projects/adapters/target/classes:projects/adapters/target/dependency/*" $program
  done
  "$home/bin/java" -cp "projects/kotlin/target/classes:projects/kotlin/target/dependency/*" TrainYinYangKt 1
  "$home/bin/java" -cp "projects/scala/target/classes:projects/scala/target/dependency/*" trainYinYang 1
done

if command -v gradle >/dev/null; then
  gradle --offline --no-daemon -q -g "$work/gradle" -p projects/gradle run "-PtacetVersion=$version" \
    "-PtacetFrom=file://$work/repository,file://$HOME/.m2/repository"
else
  echo "consumers: no gradle on the PATH, so the project that Gradle builds is left out"
fi
