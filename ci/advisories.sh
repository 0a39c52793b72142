#!/usr/bin/env bash
# Compares the versions of all libraries that Maven resolves, of every module and with those of Spark, with
# the vulnerabilities listed in ci/advisories/advisories.tsv: ci/advisories.sh [LIST], where LIST may be the
# output of "mvn dependency:list" instead. Fails where a library that comes with Tacet is affected; those
# that are for tests or come with a cluster are told only. Asks no server: the table is as new as its last
# change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$PWD/target/advisories
list=${1:-$work/resolved.txt}
mkdir -p "$work"
if [ $# -eq 0 ]; then
  rm -f "$list"
  mvn -q --batch-mode --no-transfer-progress -Pspark \
    org.apache.maven.plugins:maven-dependency-plugin:3.9.0:collect "-DoutputFile=$list" -DappendOutput=true
fi
maven=$(mvn --version | sed -n 's/^\(\x1b\[[0-9;]*m\)*Maven home: *//p')
javac -Xlint:all,-path -Werror -d "$work" -cp "$maven/lib/*" ci/advisories/Advisories.java
java -cp "$work:$maven/lib/*" Advisories ci/advisories/advisories.tsv "$list"
